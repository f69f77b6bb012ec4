//! The command line: what operators type, and what it prints.
//! One file, because it is one list: each command and each setting that is refused has its case here.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::{
    caller::text,
    process::{Folder, Server, TOKEN, fasti, printed, request, run, with_token},
};

#[test]
fn the_demo_says_that_it_is_ready_and_what_to_try() {
    let server = Server::demo(&Folder::new(), &["--now", "2026-03-07T12:00:00Z"]);
    assert!(server.introduction.contains(TOKEN));
    assert!(server.introduction.contains("/docs"));
    assert!(
        server
            .introduction
            .contains("/sign_in: ada@example.com with ")
    );
    assert_eq!(server.introduction.matches("curl ").count(), 3);
    assert!(
        server
            .introduction
            .ends_with(&format!("ready: http://{}\n", server.address))
    );
    // the token works, and the clock starts where it was told to
    let user = server.get("/users/me")["resource"].clone();
    assert!(
        text(&user["created_at"]).starts_with("2026-03-07T12:00:"),
        "{user}"
    );
    let users = server.get("/users");
    let kinds: Vec<&str> = users["collection"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|user| user["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["person", "person", "person", "resource"]);
    let (status, _) = with_token(&server.address, "another", ("GET", "/users/me"), None).unwrap();
    assert_eq!(status, 401);
    // the classic API is open
    let new = json!({"user_name": "Foo", "phone_number": "1"});
    let (status, body) = request(&server.address, ("POST", "/users/add_user"), Some(&new)).unwrap();
    assert_eq!((status, &body["user_id"]), (200, &json!(1)));
}

#[test]
fn the_curl_lines_of_the_demo_have_answers() {
    let server = Server::demo(&Folder::new(), &[]);
    let addresses = server
        .introduction
        .lines()
        .filter(|line| line.starts_with("curl -s '"));
    let mut count = 0;
    for line in addresses {
        let address = line.split('\'').nth(1).unwrap();
        let path = address
            .strip_prefix(&format!("http://{}", server.address))
            .unwrap();
        assert!(server.get(path)["collection"].is_array(), "{line}");
        count += 1;
    }
    assert_eq!(count, 2);
}

#[test]
fn a_new_user_and_a_new_token_work_with_the_server() {
    let folder = Folder::new();
    let user = [
        "user",
        "create",
        "--name",
        "Ada",
        "--email",
        "ada@example.com",
        "--timezone",
        "Europe/London",
        "--owner",
    ];
    let uri = printed(&folder, &user);
    assert!(
        uri.starts_with("http://127.0.0.1:8080/users/") && uri.lines().count() == 1,
        "{uri}"
    );
    let token = printed(
        &folder,
        &[
            "token",
            "create",
            "--user",
            "ada@example.com",
            "--scope",
            "users:read",
            "--expires",
            "90d",
        ],
    );
    assert_eq!(token.lines().count(), 1);
    let server = Server::serve(&folder, &[]);
    let ask = |path| with_token(&server.address, token.trim(), ("GET", path), None).unwrap();
    let (status, body) = ask("/users/me");
    assert_eq!(
        (status, &body["resource"]["timezone"]),
        (200, &json!("Europe/London"))
    );
    assert!(text(&body["resource"]["uri"]).ends_with(uri.trim().rsplit('/').next().unwrap()));
    assert_eq!(ask("/scheduled_events").0, 403);
    // what was done here is in the log, and what is done by requests has their address
    let every = printed(&folder, &["token", "create", "--user", "ada@example.com"]);
    let ask = |method, path: &str, body: Option<&Value>| {
        with_token(&server.address, every.trim(), (method, path), body).unwrap()
    };
    let team = json!({"name": "x"});
    assert_eq!(ask("POST", "/teams", Some(&team)).0, 201);
    let organization = text(&body["resource"]["current_organization"]);
    let (_, log) = ask(
        "GET",
        &format!("/activity_log_entries?organization={organization}"),
        None,
    );
    let entries = log["collection"].as_array().unwrap();
    let names: Vec<String> = entries
        .iter()
        .map(|it| text(&it["fully_qualified_name"]))
        .collect();
    let made = "PersonalAccessToken.Add";
    assert_eq!(
        names,
        ["Team.Add", made, made, "User.Add", "Organization.Add"]
    );
    assert_eq!(entries[0]["details"]["address"], "127.0.0.1");
    for entry in &entries[1..] {
        assert_eq!(entry["actor"], json!({"type": "System"}));
        assert_eq!(entry["details"]["way"], "command_line");
    }
}

#[test]
fn the_demo_does_not_touch_the_data_of_others() {
    let folder = Folder::new();
    let mail = "ada@example.com";
    let user = [
        "user", "create", "--name", "Ada", "--email", mail, "--owner",
    ];
    printed(&folder, &user);
    let demo = ["demo", "--listen", "127.0.0.1:0", "--database", "fasti.db"];
    let mut process = fasti(&folder, &demo)
        .env("FASTI_DEMO_TOKEN", TOKEN)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut introduction = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut introduction)
        .unwrap();
    // one that goes on although it should not would never end
    process.kill().ok();
    let output = process.wait_with_output().unwrap();
    assert_eq!(introduction, "");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("holds other data"), "{errors}");
    let server = Server::serve(&folder, &[]);
    let (status, _) = request(&server.address, ("GET", "/users/me"), None).unwrap();
    assert_eq!(status, 401);
}

#[test]
fn a_token_is_made_for_people_only() {
    let folder = Folder::new();
    let server = Server::demo(&folder, &[]);
    let room = json!({"name": "Room", "kind": "resource", "email": "room@example.com"});
    let created = with_token(&server.address, TOKEN, ("POST", "/users"), Some(&room)).unwrap();
    assert_eq!(created.0, 201);
    drop(server);
    for (address, named) in [
        ("room@example.com", "resource"),
        // no room without address is found by its lack
        ("", "there is no user"),
    ] {
        let arguments = ["token", "create", "--user", address];
        let output = run(&folder, &arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{address:?}");
        assert!(errors.contains(named), "{address:?}: {errors}");
        assert!(output.stdout.is_empty(), "{address:?}");
    }
}

#[test]
fn wrong_arguments_are_told_and_nothing_is_made() {
    let folder = Folder::new();
    let rows: [(&[&str], &str); 7] = [
        (
            &["user", "create", "--name", "Ada", "--email", "ada"],
            "--email",
        ),
        (
            &[
                "user",
                "create",
                "--name",
                " ",
                "--email",
                "ada@example.com",
            ],
            "--name",
        ),
        (
            &[
                "user",
                "create",
                "--name",
                "Ada",
                "--email",
                "ada@example.com",
                "--timezone",
                "Mars",
            ],
            "--timezone",
        ),
        (
            &["token", "create", "--user", "nobody@example.com"],
            "organization",
        ),
        (
            &[
                "token",
                "create",
                "--user",
                "x@example.com",
                "--scope",
                "everything",
            ],
            "everything",
        ),
        (
            &[
                "token",
                "create",
                "--user",
                "x@example.com",
                "--expires",
                "yesterday",
            ],
            "--expires",
        ),
        (
            &["copy", "--from", "sqlite:none.db", "--to", "sqlite:new.db"],
            "none.db",
        ),
    ];
    for (arguments, named) in rows {
        let output = run(&folder, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(errors.contains(named), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    assert!(!folder.path().join("new.db").exists());
}

#[test]
fn the_effective_settings_are_shown_without_the_password() {
    let folder = Folder::new();
    folder.write("fasti.toml", "public_url = \"https://meet.example.com/\"\nrequest_timeout = 7\nlisten = \"127.0.0.1:1\"\n");
    let mut command = fasti(
        &folder,
        &[
            "config",
            "--database",
            "postgres://fasti:secret@db.example.com/fasti",
        ],
    );
    let output = command
        .env("FASTI_LISTEN", "127.0.0.1:9999")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("secret"), "{shown}");
    // a variable wins over the file, the file over the default
    for line in [
        "database = \"postgres://fasti:***@db.example.com/fasti\"",
        "listen = \"127.0.0.1:9999\"",
        "public_url = \"https://meet.example.com\"",
        "request_timeout = 7",
        "classic_open = false",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
}

#[test]
fn a_password_in_the_query_is_not_shown_either() {
    let address = "postgres://fasti@db.example.com/fasti?password=secret&sslmode=require";
    let shown = printed(&Folder::new(), &["config", "--database", address]);
    assert!(!shown.contains("secret"), "{shown}");
    assert!(
        shown.contains("/fasti?password=***&sslmode=require"),
        "{shown}"
    );
}

#[test]
fn the_password_for_several_servers_is_not_shown() {
    let address = "postgres://fasti:secret@db1:5432,db2:5433/fasti?pool=4";
    let shown = printed(&Folder::new(), &["config", "--database", address]);
    let masked = "\"postgres://fasti:***@db1:5432,db2:5433/fasti?pool=4\"";
    assert!(shown.contains(masked), "{shown}");
}

#[test]
fn the_password_of_the_mail_server_is_not_shown() {
    let (url, from) = (
        "smtp://meet:secret@mail.example.com",
        "Meetings <meet@example.com>",
    );
    let shown = printed(
        &Folder::new(),
        &["config", "--smtp-url", url, "--mail-from", from],
    );
    let masked = "smtp_url = \"smtp://meet:***@mail.example.com?tls=required\"";
    assert!(shown.contains(masked), "{shown}");
    assert!(
        shown.contains("mail_from = \"Meetings <meet@example.com>\""),
        "{shown}"
    );
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let folder = Folder::new();
    let rows = [
        ("databse = \"fasti.db\"", "databse"),
        ("request_timeout = 0", "request_timeout"),
        ("request_timeout = \"long\"", "request_timeout"),
        ("database_connections = 0", "database_connections"),
        ("public_url = \"meet.example.com\"", "public_url"),
        ("listen = \"somewhere\"", "listen"),
        ("log_format = \"xml\"", "log_format"),
        ("smtp_url = \"mail.example.com\"", "smtp_url"),
        ("smtp_url = \"smtp://mail.example.com\"", "mail_from"),
        (
            "smtp_url = \"smtp://mail.example.com\"\nmail_from = \"me\"",
            "mail_from",
        ),
        ("mail_from = \"meet@example.com\"", "smtp_url"),
        ("= 1", "fasti.toml"),
    ];
    for (file, named) in rows {
        folder.write("fasti.toml", file);
        for command in ["config", "migrate", "serve"] {
            let output = run(&folder, &[command]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(
                !output.status.success() && errors.contains(named),
                "{command} with {file}: {errors}"
            );
        }
    }
    assert!(!folder.path().join("fasti.db").exists());
    let missing = run(&folder, &["config", "--config", "missing.toml"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("missing.toml"));
}

#[test]
fn a_copy_has_every_row_and_serves_the_same() {
    let folder = Folder::new();
    let server = Server::demo(&folder, &[]);
    let users = |server: &Server| {
        server.get("/users")["collection"]
            .to_string()
            .replace(&server.address, "fasti")
    };
    let before = users(&server);
    drop(server);
    let report = printed(
        &folder,
        &[
            "copy",
            "--from",
            "sqlite:fasti.db",
            "--to",
            "sqlite:copy.db",
        ],
    );
    assert!(report.contains("users: 4 rows, checked"), "{report}");
    // a database that has rows is not copied into
    assert!(
        !run(
            &folder,
            &[
                "copy",
                "--from",
                "sqlite:fasti.db",
                "--to",
                "sqlite:copy.db"
            ]
        )
        .status
        .success()
    );
    std::fs::rename(
        folder.path().join("copy.db"),
        folder.path().join("fasti.db"),
    )
    .unwrap();
    for suffix in ["-wal", "-shm"] {
        std::fs::remove_file(folder.path().join(format!("fasti.db{suffix}"))).ok();
    }
    let server = Server::demo(&folder, &[]);
    assert_eq!(users(&server), before);
}

#[test]
fn the_document_and_completions_are_printed() {
    let folder = Folder::new();
    let document: Value = serde_json::from_str(&printed(&folder, &["openapi"])).unwrap();
    assert_eq!(document, *crate::contract::document());
    assert!(printed(&folder, &["completions", "bash"]).contains("fasti"));
}

#[tokio::test]
async fn a_password_is_read_and_not_typed_as_an_argument() {
    let folder = Folder::new();
    let mail = "ada@example.com";
    let user = [
        "user", "create", "--name", "Ada", "--email", mail, "--owner",
    ];
    printed(&folder, &user);
    let set = |mail: &str, typed: &str| {
        let mut process = fasti(&folder, &["user", "set-password", "--user", mail])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        input.write_all(typed.as_bytes()).unwrap();
        drop(input);
        let output = process.wait_with_output().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (is_set, said) = set(mail, "short\n");
    assert!(
        !is_set && said.contains("must have at least 10 characters"),
        "{said}"
    );
    let (is_set, said) = set("nobody@example.com", "correct horse battery\n");
    assert!(
        !is_set && said.contains("there is no user nobody@example.com"),
        "{said}"
    );
    for typed in ["correct horse battery\r\n", "another horse battery"] {
        assert!(set(mail, typed).0);
        let database = folder.path().join("fasti.db");
        let store = store::Store::open(database.to_str().unwrap())
            .await
            .unwrap();
        let tx = store.read().await.unwrap();
        let accounts = store::passwords::by_email(&tx, mail, 5).await.unwrap();
        let hash = accounts[0].hash.clone();
        let hasher = server::password_hash::Hasher::default();
        let is_same = hasher.is_same(typed.trim_end().to_owned(), hash).await;
        assert!(is_same.unwrap());
    }
}
