//! Three processes of the real program over one PostgreSQL.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};

use serde_json::{Value, json};

use crate::{
    caller::{booking, text, uri},
    harness::Test,
    process::{Folder, Server, with_token},
    races::{active_events, no_conflicts},
};

/// Callers, a third of them at each process.
const CALLERS: usize = 24;
const TIMES: usize = 12;

/// The processes go by the machine's clock: far ahead of whenever this runs.
fn start(number: usize) -> String {
    format!(
        "2090-03-07T{:02}:{:02}:00.000000Z",
        9 + number / 2,
        number % 2 * 30
    )
}

/// Goes through all times, each caller beginning with another one; what the answers were.
fn book(server: &Server, token: &str, (event_type, caller): (&str, usize)) -> Vec<(u16, Value)> {
    let book = |turn| {
        let body = booking(event_type, &start((turn + caller) % TIMES));
        with_token(&server.address, token, ("POST", "/invitees"), Some(&body)).unwrap()
    };
    (0..TIMES).map(book).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_given_once_whichever_process_is_asked() {
    let test = Test::postgres().await;
    let ada = test.as_user("ada");
    ada.always_open("UTC").await;
    let fields = json!({"booking_window": {"type": "unlimited"}});
    let event_type = ada.event_type(fields).await;
    let (folder, token) = (Folder::new(), ada.token.clone().unwrap());
    let answers: Vec<(u16, Value)> = tokio::task::block_in_place(|| {
        let servers = [(); 3].map(|()| Server::over(&folder, test.database.url(), &[]));
        thread::scope(|scope| {
            let (servers, event_type, token) = (&servers, &event_type, &token);
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    scope.spawn(move || book(&servers[caller % 3], token, (event_type, caller)))
                })
                .collect();
            callers
                .into_iter()
                .flat_map(|caller| caller.join().unwrap())
                .collect()
        })
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 201);
    for (status, refusal) in lost {
        assert_eq!((status, &refusal["code"]), (409, &json!("time_taken")));
    }
    let won: BTreeSet<String> = won
        .iter()
        .map(|(_, body)| id_of(&body["resource"]["event"]))
        .collect();
    let events = active_events(&test).await;
    no_conflicts(&events);
    let there: BTreeMap<String, String> = events
        .iter()
        .map(|event| (text(&event["start_time"]), id_of(&json!(uri(event)))))
        .collect();
    assert_eq!(
        there.keys().cloned().collect::<Vec<_>>(),
        (0..TIMES).map(start).collect::<Vec<_>>()
    );
    assert_eq!(there.values().cloned().collect::<BTreeSet<_>>(), won);
}

/// Each process names itself in the URIs that it writes.
fn id_of(uri: &Value) -> String {
    crate::caller::id(uri.as_str().unwrap()).to_owned()
}
