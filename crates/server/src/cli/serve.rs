//! `fasti serve`.

use super::{Failure, open};
use crate::{
    config::Config,
    context::{App, Clock},
    serving::{self, Patience},
};
use store::{organizations, tls};
use tokio::net::TcpListener;

/// Serves until the process is asked to end.
pub async fn run(config: Config) -> Result<(), Failure> {
    if let Some(file) = &config.webhook_certificates {
        // said now rather than with every webhook
        tls::client_trusting(file).map_err(|error| format!("webhook_certificates: {error}"))?;
    }
    let store = open(&config).await?;
    if organizations::oldest(&store.read().await?).await?.is_none() {
        tracing::warn!(
            "nobody can sign in yet: add the first user with `fasti user create --owner`"
        );
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    let app = App::new(store, Clock::system(), config);
    let patience = Patience::default();
    serving::serve(listener, app, patience, serving::asked_to_end()).await;
    Ok(())
}
