//! The service in this process, over a database that only one test knows, with people who call it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::Request};
use domain::id::{OrganizationId, TokenId, UserId};
use jiff::{Timestamp, tz::TimeZone};
use server::{
    api::caller::{hash, scope},
    app::{organizations::AddOrganization, personal_access_tokens::AddToken, users::AddUser},
    config::Settings,
    context::{App, Clock, fresh_id},
};
use store::{
    Store, organization_memberships::Role, organizations::Organization,
    personal_access_tokens::PersonalAccessToken,
};
use testdb::TestDatabase;
use tower::ServiceExt;

use crate::caller::{Caller, id};

/// Makes two tests of each named function, `…::sqlite` and `…::postgres`.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$test(crate::harness::Test::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$test(crate::harness::Test::postgres().await).await;
            }
        }
    )+};
}

/// The same for what happens at the same moment, and `…::three_nodes`: three processes over one PostgreSQL.
macro_rules! on_all_deployments {
    ($($test:ident),+ $(,)?) => {
        on_both_engines! { $($test),+ }
        mod three_nodes {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(crate::harness::Test::three_nodes().await).await;
                }
            )+
        }
    };
}

/// When the tests begin: a Monday, an hour before working hours.
pub const NOW: &str = "2026-03-02T08:00:00Z";

/// What URIs start with.
pub const BASE: &str = "http://fasti.test";

/// An id that nothing has.
pub const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// The people of the organization, all in UTC, and `zoe`, who owns another one.
const PEOPLE: [(&str, Role); 4] = [
    ("olga", Role::Owner),
    ("amir", Role::Admin),
    ("ada", Role::User),
    ("ben", Role::User),
];

/// The service and its people. The service goes before the database.
pub struct Test {
    pub app: App,
    router: Router,
    /// How many processes of the service take the requests in turn.
    nodes: usize,
    people: BTreeMap<&'static str, String>,
    pub organization: String,
    pub database: Arc<TestDatabase>,
}

impl Test {
    pub async fn sqlite() -> Test {
        Test::over(TestDatabase::sqlite(), 1).await
    }

    pub async fn postgres() -> Test {
        Test::over(TestDatabase::postgres().await, 1).await
    }

    /// Three processes of the service, each with memory of its own: one request after the other goes to the next one.
    pub async fn three_nodes() -> Test {
        Test::over(TestDatabase::postgres().await, 3).await
    }

    async fn over(database: TestDatabase, nodes: usize) -> Test {
        let now: Timestamp = NOW.parse().unwrap();
        let app = app(&database, now, |_| {}).await;
        app.store.unrecorded().migrate().await.unwrap();
        let mut all = vec![app.clone()];
        all.extend(others(&database, (now, nodes), |_| {}).await);
        let organization_id = organization(&app, "Analytical Engines").await;
        let mut people = BTreeMap::new();
        for (name, role) in PEOPLE {
            people.insert(name, person(&app, organization_id, name, role).await);
        }
        let foreign = organization(&app, "Difference Engines").await;
        people.insert("zoe", person(&app, foreign, "zoe", Role::Owner).await);
        Test {
            router: in_turn(all),
            nodes,
            organization: format!("{BASE}/organizations/{organization_id}"),
            app,
            people,
            database: Arc::new(database),
        }
    }

    /// The same service with a clock that starts at another time.
    pub async fn at(&self, now: &str) -> Test {
        self.again(now, |_| {}).await
    }

    /// Another process of the service over the same database, with settings of its own.
    pub async fn with(&self, edit: impl Fn(&mut Settings)) -> Test {
        self.again(NOW, edit).await
    }

    /// Another process with another clock and settings of its own.
    pub async fn again_at(&self, now: &str, edit: impl Fn(&mut Settings)) -> Test {
        self.again(now, edit).await
    }

    async fn again(&self, now: &str, edit: impl Fn(&mut Settings)) -> Test {
        let now: Timestamp = now.parse().unwrap();
        let app = app(&self.database, now, &edit).await;
        let mut all = vec![app.clone()];
        all.extend(others(&self.database, (now, self.nodes), edit).await);
        Test {
            router: in_turn(all),
            nodes: self.nodes,
            app,
            people: self.people.clone(),
            organization: self.organization.clone(),
            database: self.database.clone(),
        }
    }

    pub fn as_owner(&self) -> Caller {
        self.as_user("olga")
    }

    pub fn as_admin(&self) -> Caller {
        self.as_user("amir")
    }

    /// The owner of another organization.
    pub fn as_foreigner(&self) -> Caller {
        self.as_user("zoe")
    }

    pub fn as_user(&self, name: &str) -> Caller {
        Caller {
            uri: self.people[name].clone(),
            ..self.with_token(&token_of(name))
        }
    }

    /// Whoever has this token.
    pub fn with_token(&self, token: &str) -> Caller {
        Caller {
            router: self.router.clone(),
            uri: String::new(),
            token: Some(token.to_owned()),
        }
    }

    /// A user with a token for nothing but these scopes.
    pub async fn with_scopes(&self, name: &str, scopes: &[&str]) -> Caller {
        let token = format!("{}-{}", token_of(name), fresh_id());
        let of = |uri: &str| id(uri).parse().unwrap();
        let user = UserId(of(&self.people[name]));
        let organization = OrganizationId(of(&self.organization));
        give_token(&self.app, (organization, user), &token, scopes).await;
        Caller {
            uri: self.people[name].clone(),
            ..self.with_token(&token)
        }
    }

    pub fn without_token(&self) -> Caller {
        Caller {
            token: None,
            ..self.with_token("")
        }
    }
}

/// All processes but the first one.
async fn others(
    database: &TestDatabase,
    (now, nodes): (Timestamp, usize),
    edit: impl Fn(&mut Settings),
) -> Vec<App> {
    let mut others = Vec::new();
    for _ in 1..nodes {
        others.push(app(database, now, &edit).await);
    }
    others
}

/// Gives each request to the next process, as a load balancer would.
fn in_turn(apps: Vec<App>) -> Router {
    let nodes: Arc<[Router]> = apps.into_iter().map(server::api::router).collect();
    if let [only] = &*nodes {
        return only.clone();
    }
    let next = Arc::new(AtomicUsize::new(0));
    Router::new().fallback(move |request: Request| {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        nodes[turn % nodes.len()].clone().oneshot(request)
    })
}

async fn app(database: &TestDatabase, now: Timestamp, edit: impl Fn(&mut Settings)) -> App {
    let mut settings = Settings {
        database: Some(database.url().to_owned()),
        public_url: Some(BASE.to_owned()),
        ..Settings::default()
    };
    edit(&mut settings);
    let config = settings.config().unwrap();
    let store = Store::open(&config.database_url()).await.unwrap();
    App::new(store, Clock::starting_at(now), config)
}

fn token_of(name: &str) -> String {
    format!("token-of-{name}")
}

async fn organization(app: &App, name: &str) -> OrganizationId {
    let now = app.now();
    let organization = Organization {
        id: OrganizationId(fresh_id()),
        name: name.to_owned(),
        created_at: now,
        updated_at: now,
    };
    let added = app
        .store
        .unrecorded()
        .write(AddOrganization(organization))
        .await;
    added.unwrap().id
}

/// Adds a user with a token for everything; the answer is the user's URI.
async fn person(app: &App, organization: OrganizationId, name: &str, role: Role) -> String {
    let email = format!("{name}@example.com");
    let mut command = AddUser::new(
        organization,
        name.to_owned(),
        email,
        TimeZone::UTC,
        app.now(),
    );
    command.role = role;
    let Ok((user, _)) = app.store.unrecorded().write(command).await else {
        panic!("{name} cannot be added")
    };
    let scopes: Vec<&str> = scope::ALL.to_vec();
    give_token(app, (organization, user.id), &token_of(name), &scopes).await;
    format!("{BASE}/users/{}", user.id)
}

async fn give_token(
    app: &App,
    (organization, user_id): (OrganizationId, UserId),
    text: &str,
    scopes: &[&str],
) {
    let command = AddToken {
        organization,
        hash: hash(text),
        token: PersonalAccessToken {
            id: TokenId(fresh_id()),
            user_id,
            name: "test".to_owned(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            created_at: app.now(),
            expires_at: None,
            revoked_at: None,
        },
    };
    app.store.unrecorded().write(command).await.unwrap();
}
