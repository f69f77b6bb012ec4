//! A server to import from, which may be away, busy or out of its mind, and what is read of it before and after.

use std::{
    collections::HashMap,
    process::Output,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use domain::id::TokenId;
use serde_json::Value;
use server::{
    api::caller::{hash, scope},
    app::personal_access_tokens::AddToken,
    config::Settings,
    context::{App, Clock, fresh_id},
};
use store::{Store, imports, organizations, personal_access_tokens::PersonalAccessToken, users};
use testdb::TestDatabase;
use tower::ServiceExt;

use crate::{
    caller::{Caller, path, text},
    harness::{BASE, NOW, Test},
    process::{Folder, fasti},
};

/// What is answered instead, given how many requests came before and what is asked for.
type Fault = Box<dyn Fn(usize, &str) -> Option<Response> + Send + Sync>;

/// A service on an address, which answers with pages of two rows.
#[derive(Clone)]
pub struct Source {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    router: Router,
    requests: AtomicUsize,
    fault: Mutex<Fault>,
}

impl Source {
    pub async fn of(test: &Test) -> Source {
        Source::over(test.as_owner().router).await
    }

    pub async fn over(router: Router) -> Source {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            router,
            requests: AtomicUsize::new(0),
            fault: Mutex::new(Box::new(|_, _| None)),
        });
        let service = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Source { url, shared }
    }

    /// From now on some requests are answered differently; they are counted anew.
    pub fn fails(&self, fault: impl Fn(usize, &str) -> Option<Response> + Send + Sync + 'static) {
        self.shared.requests.store(0, Ordering::Relaxed);
        *self.shared.fault.lock().unwrap() = Box::new(fault);
    }

    pub fn works(&self) {
        self.fails(|_, _| None);
    }
}

async fn answer(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let before = shared.requests.fetch_add(1, Ordering::Relaxed);
    let asked = request.uri().to_string();
    let instead = (shared.fault.lock().unwrap())(before, &asked);
    if let Some(instead) = instead {
        return instead;
    }
    *request.uri_mut() = asked
        .replace("count=100", "count=2")
        .parse::<Uri>()
        .unwrap();
    shared.router.clone().oneshot(request).await.unwrap()
}

pub fn status(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap().into_response()
}

/// An empty database to import into, of the engine of a test.
pub struct Target {
    pub database: TestDatabase,
}

impl Target {
    pub async fn like(test: &Test) -> Target {
        let database = if test.database.url().starts_with("sqlite:") {
            TestDatabase::sqlite()
        } else {
            TestDatabase::postgres().await
        };
        Target { database }
    }

    /// What the program does when it is told to import.
    pub async fn import(&self, source: &Source, arguments: &[&str]) -> Output {
        self.import_with(source, "token-of-olga", arguments).await
    }

    pub async fn import_with(&self, source: &Source, token: &str, arguments: &[&str]) -> Output {
        let common = ["import", "calendly", "--base", &source.url];
        let rest = ["--database", self.database.url(), "--retries", "2"];
        let all: Vec<String> = [&common, &rest, arguments]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let token = token.to_owned();
        let ran = tokio::task::spawn_blocking(move || {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let mut command = fasti(&Folder::new(), &all);
            command.current_dir(std::env::temp_dir());
            command.env("FASTI_IMPORT_TOKEN", token).output().unwrap()
        });
        ran.await.unwrap()
    }

    /// The same, which must succeed; the answer is its summary.
    #[track_caller]
    pub fn summary(output: &Output) -> String {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}\n{said}");
        said
    }

    pub async fn store(&self) -> Store {
        Store::open(self.database.url()).await.unwrap()
    }

    /// The owner of what was imported, and what things are called there by what they were called.
    pub async fn opened(&self) -> (Caller, HashMap<String, String>) {
        let settings = Settings {
            database: Some(self.database.url().to_owned()),
            public_url: Some(BASE.to_owned()),
            ..Settings::default()
        };
        let store = self.store().await;
        let tx = store.read().await.unwrap();
        let organization = organizations::oldest(&tx).await.unwrap().unwrap().id;
        let owner = users::by_email(&tx, organization, "olga@example.com").await;
        let owner = owner.unwrap().unwrap();
        let mut names = HashMap::new();
        for import in imports::all(&tx, organization).await.unwrap() {
            let there = import.path.rsplit('/').next().unwrap().to_owned();
            names.insert(there, import.id.to_string());
        }
        names.insert("organization".to_owned(), organization.to_string());
        drop(tx);
        let app = App::new(
            store,
            Clock::starting_at(NOW.parse().unwrap()),
            settings.config().unwrap(),
        );
        let secret = format!("token-{}", fresh_id());
        let command = AddToken {
            organization,
            hash: hash(&secret),
            token: PersonalAccessToken {
                id: TokenId(fresh_id()),
                user_id: owner.id,
                name: "test".to_owned(),
                scopes: scope::ALL.iter().map(ToString::to_string).collect(),
                created_at: app.now(),
                expires_at: None,
                revoked_at: None,
            },
        };
        app.store.unrecorded().write(command).await.unwrap();
        let caller = Caller {
            router: server::api::router(app),
            uri: format!("{BASE}/users/{}", owner.id),
            token: Some(secret),
        };
        (caller, names)
    }
}

/// All rows of a list.
pub async fn all(caller: &Caller, first: String) -> Vec<Value> {
    let mut next = Some(first);
    let mut rows = Vec::new();
    while let Some(path) = next {
        let page = caller.get(path).await.expect(200);
        rows.extend(page["collection"].as_array().unwrap().iter().cloned());
        next = page["pagination"]["next_page"].as_str().map(str::to_owned);
    }
    rows
}

/// All that can be read of an organization, by what was asked for.
pub async fn everything(owner: &Caller, organization: &str) -> Vec<(String, Vec<Value>)> {
    let mut found = Vec::new();
    let whole = [("organization", organization)];
    for list in [
        "/organization_memberships",
        "/event_types",
        "/groups",
        "/group_relationships",
        "/routing_forms",
        "/scheduled_events",
    ] {
        found.push((list.to_owned(), all(owner, path(list, &whole)).await));
    }
    for list in [
        "/users",
        "/teams",
        "/contacts",
        "/contact_lists",
        "/contacts/custom_field_definitions",
    ] {
        found.push((list.to_owned(), all(owner, list.to_owned()).await));
    }
    for status in ["available", "processing", "unavailable"] {
        let list = path("/meeting_recaps", &[("status", status)]);
        found.push((list.clone(), all(owner, list).await));
    }
    let parts = [
        ("/users", "/user_availability_schedules", "user"),
        ("/event_types", "/event_type_memberships", "event_type"),
        (
            "/event_types",
            "/event_type_availability_schedules",
            "event_type",
        ),
        ("/routing_forms", "/routing_form_submissions", "form"),
        ("/contacts", "/notes", "contact"),
        ("/contact_lists", "/contacts", "contact_list"),
    ];
    for (of, list, name) in parts {
        for row in rows(&found, of) {
            let list = path(list, &[(name, &text(&row["uri"]))]);
            let read = all(owner, list.clone()).await;
            found.push((list, read));
        }
    }
    for event in rows(&found, "/scheduled_events") {
        let list = format!("{}/invitees", text(&event["uri"]));
        let read = all(owner, list.clone()).await;
        found.push((list, read));
    }
    for recap in found
        .iter()
        .filter(|(list, _)| list.starts_with("/meeting_recaps"))
        .flat_map(|(_, rows)| rows.clone())
        .collect::<Vec<_>>()
    {
        let uri = text(&recap["uri"]);
        let mut read = vec![owner.get(&uri).await.resource(200)];
        if recap["transcript"].is_string() {
            read.push(owner.get(format!("{uri}/transcript")).await.resource(200));
        }
        found.push((uri, read));
    }
    found
}

fn rows(found: &[(String, Vec<Value>)], list: &str) -> Vec<Value> {
    let (_, rows) = found.iter().find(|(name, _)| name == list).unwrap();
    rows.clone()
}

/// The same with other names for things, each list sorted: of things of one second the order is open.
pub fn renamed(
    found: &[(String, Vec<Value>)],
    names: &HashMap<String, String>,
) -> Vec<(String, Vec<String>)> {
    let rename = |text: &str| {
        names.iter().fold(text.to_owned(), |text, (there, here)| {
            text.replace(there, here)
        })
    };
    let list = |(name, rows): &(String, Vec<Value>)| {
        // the list of all contacts is as old as the organization here
        let made = rows.iter().filter(|row| row["type"] != "dynamic_view");
        let mut rows: Vec<String> = made.map(|row| rename(&format!("{row:#}"))).collect();
        rows.sort();
        (rename(name), rows)
    };
    let mut lists: Vec<_> = found.iter().map(list).collect();
    lists.sort();
    lists
}
