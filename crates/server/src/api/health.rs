//! `/healthz`, `/readyz` and `/metrics`: for those who operate the server.

use super::problem::Problem;
use crate::context::App;
use axum::{Json, extract::State};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use std::{sync::OnceLock, time::Duration};
use store::error::chain;
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
    match tokio::time::timeout(PATIENCE, app.store.is_ready()).await {
        Ok(Ok(())) => Ok(ok()),
        Err(_elapsed) => {
            tracing::warn!("not ready: the database does not answer");
            Err(Problem::unavailable())
        }
        Ok(Err(error)) => {
            tracing::warn!(error = chain(&error), "not ready");
            Err(Problem::unavailable())
        }
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
