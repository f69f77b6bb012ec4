//! `/healthz`, `/readyz` and `/metrics`: for those who operate the server.

use super::problem::Problem;
use crate::context::App;
use axum::{Json, extract::State};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use std::{future::Future, sync::OnceLock, time::Duration};
use store::{Store, error::chain};
use tokio::{sync::Mutex, time::Instant};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(check_health))
        .routes(routes!(check_readiness))
        .routes(routes!(read_metrics))
}

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub status: String,
}

fn ok() -> Json<HealthBody> {
    Json(HealthBody {
        status: "ok".to_owned(),
    })
}

/// Is the process alive
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()), responses((status = 200, description = "It is", body = HealthBody)))]
async fn check_health() -> Json<HealthBody> {
    ok()
}

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Can requests be served
///
/// The database can be reached and has every migration, and the server is not about to end.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()), responses((status = 200, description = "They can", body = HealthBody)))]
async fn check_readiness(State(app): State<App>) -> Result<Json<HealthBody>, Problem> {
    if app.is_ending() {
        return Err(Problem::unavailable());
    }
    if app
        .readiness
        .known_or(|| is_ready(app.store.unrecorded()))
        .await
    {
        Ok(ok())
    } else {
        Err(Problem::unavailable())
    }
}

async fn is_ready(store: &Store) -> bool {
    match tokio::time::timeout(PATIENCE, store.is_ready()).await {
        Ok(Ok(())) => true,
        Err(_elapsed) => {
            tracing::warn!("not ready: the database does not answer");
            false
        }
        Ok(Err(error)) => {
            tracing::warn!(error = chain(&error), "not ready");
            false
        }
    }
}

/// For how long all who ask are told what one of them found out.
const SHARED: Duration = Duration::from_millis(250);

/// Whether the database can be used, as it was found out last. Nobody needs a token to ask, so however many ask at once
/// take one connection of the database's.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// What was found out a moment ago, or else what `check` finds out while others wait for it.
    async fn known_or<F: Future<Output = bool>>(&self, check: impl FnOnce() -> F) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < SHARED
        {
            return ready;
        }
        let ready = check().await;
        *last = Some((Instant::now(), ready));
        ready
    }
}

/// Counters for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "Operations", security(()), responses((status = 200, description = "In Prometheus' text format", content_type = "text/plain", body = String)))]
async fn read_metrics() -> String {
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}

/// The process's recorder of metrics, installed at first use; metrics are global by nature.
pub(super) fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || match PrometheusBuilder::new().install_recorder() {
        Ok(recorder) => Some(recorder),
        Err(error) => {
            tracing::error!(error = chain(&error), "there are no metrics");
            None
        }
    };
    RECORDER.get_or_init(install).as_ref()
}

/// How often measurements are folded into their summaries, also when nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Keeps the memory of measurements small for as long as the process runs.
pub async fn keep_metrics() {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Some(recorder) = recorder() {
            recorder.run_upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Readiness;
    use futures_util::future::join_all;
    use std::cell::Cell;

    #[tokio::test]
    async fn however_many_ask_one_at_a_time_looks() {
        let (readiness, looking, most) = (Readiness::default(), Cell::new(0), Cell::new(0));
        let (readiness, looking, most) = (&readiness, &looking, &most);
        let look = || async {
            looking.set(looking.get() + 1);
            most.set(looking.get().max(most.get()));
            tokio::task::yield_now().await;
            looking.set(looking.get() - 1);
            true
        };
        let answers = join_all((0..100).map(|_| readiness.known_or(look))).await;
        assert_eq!(answers, [true; 100]);
        assert_eq!(most.get(), 1);
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_the_question_to_the_next() {
        let readiness = Readiness::default();
        let never = readiness.known_or(std::future::pending);
        assert!(futures_util::FutureExt::now_or_never(never).is_none());
        assert!(!readiness.known_or(|| async { false }).await);
    }
}
