//! `iago token`: makes, lists and revokes what opens a coordinator's doors. It works on the store
//! itself: the first token must come from somewhere.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use iago_coordinator::token_hash;
use iago_store::{Access, Act, Left, NewToken, Scope, StoreError, Token};
use iago_store_postgres::PostgresStore;
use iago_store_sqlite::SqliteStore;

use crate::args::{TokenArgs, TokenCommand};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::settings::coordinator::Settings;
use crate::store_url::{StoreUrl, trouble};
use crate::table::Table;
use crate::watch::brief;

/// Random bytes in a token: nobody guesses 256 bits.
const TOKEN_BYTES: usize = 32;
/// A day, in seconds.
const DAY_S: u64 = 24 * 60 * 60;

/// Opens the store and does what was asked.
pub(crate) async fn run(args: TokenArgs) -> Result<Exit, Stop> {
    if let TokenCommand::Create { name, .. } = &args.command {
        check_name(name)?;
    }
    let settings = Settings::load(args.config.as_deref())?;
    let url = StoreUrl::parse(&settings.store)?;
    let words = |error: StoreError| trouble(&url, &error);
    match &url {
        StoreUrl::Postgres(address) => {
            let store = PostgresStore::open(address).await.map_err(words)?;
            obey(&store, args.command, words).await?;
            store.close().await.map_err(words)?;
        }
        StoreUrl::Sqlite(path) => {
            let store = SqliteStore::open(path).await.map_err(words)?;
            obey(&store, args.command, words).await?;
            store.close().await.map_err(words)?;
        }
    }
    Ok(Exit::Done)
}

async fn obey<S: Access>(
    store: &S,
    command: TokenCommand,
    words: impl Fn(StoreError) -> Stop,
) -> Result<(), Stop> {
    match command {
        TokenCommand::Create { scope, name, days, forever } => {
            let days = (!forever).then_some(days);
            let token = grant(store, scope, &name, days, &words).await?;
            // Only once it is on record who made it.
            data(&format!("{token}\n"))?;
            talk("this token is shown once: keep it where only its owner can read it");
            Ok(())
        }
        TokenCommand::List { json } => {
            let tokens = store.tokens().await.map_err(words)?;
            data(&if json { list_json(&tokens) } else { list(&tokens) })?;
            Ok(())
        }
        TokenCommand::Revoke { name } => {
            store.revoke(&name).await.map_err(&words)?;
            let detail = format!("token `{name}`");
            store.note(&who(), Act::Revoke, None, &detail).await.map_err(&words)?;
            talk(&format!("token `{name}` is revoked: doors close to it within seconds"));
            Ok(())
        }
    }
}

async fn grant<S: Access>(
    store: &S,
    scope: Scope,
    name: &str,
    days: Option<u32>,
    words: impl Fn(StoreError) -> Stop,
) -> Result<String, Stop> {
    let token = new_token(scope)?;
    let lives = days.map(|days| Duration::from_secs(u64::from(days) * DAY_S));
    let new = NewToken { name: name.to_owned(), scope, hash: token_hash(&token), lives };
    store.grant(new).await.map_err(&words)?;
    let how_long = days.map_or("until it is revoked".to_owned(), |days| format!("for {days} days"));
    let detail = format!("token `{name}` of scope {scope}, {how_long}");
    store.note(&who(), Act::Grant, None, &detail).await.map_err(&words)?;
    Ok(token)
}

/// A name stands in logs, tables and the audit.
fn check_name(name: &str) -> Result<(), Stop> {
    const NAME_MAX: usize = 64;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(is_plain) {
        return Ok(());
    }
    let message = format!(
        "--name must be 1 to {NAME_MAX} letters, digits, or - _ . @: it is how the audit and the \
         log speak of the token"
    );
    Err(Stop::new(Exit::Usage, message))
}

/// `iago_worker_…`: who finds one lying about sees what it is.
fn new_token(scope: Scope) -> Result<String, Stop> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        Stop::new(Exit::Io, format!("the system has no random numbers: {error}"))
    })?;
    Ok(format!("iago_{scope}_{}", base64url(&bytes)))
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(padded);
        for place in 0..=group.len() {
            let six = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}

/// Who works on the store: the operating system's word for it, since there is no token yet.
fn who() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "store:unknown".to_owned() };
    let id = process.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    format!("store:{}", name.unwrap_or(id))
}

fn list(tokens: &[Token]) -> String {
    let mut table = Table::new(&["NAME", "SCOPE", "GOOD FOR"]);
    for token in tokens {
        table.row(&[token.name.clone(), token.scope.to_string(), good_for(token)]);
    }
    table.shown(crate::output::width())
}

fn good_for(token: &Token) -> String {
    match token.left {
        Left::Unlimited => "until it is revoked".to_owned(),
        Left::For(left) if left.as_secs() >= 2 * DAY_S => {
            format!("{} days", left.as_secs().div_ceil(DAY_S))
        }
        Left::For(left) => brief(left),
        Left::Nothing if token.revoked_ms.is_some() => "nothing: revoked".to_owned(),
        Left::Nothing => "nothing: expired".to_owned(),
    }
}

fn list_json(tokens: &[Token]) -> String {
    let tokens: Vec<_> = tokens
        .iter()
        .map(|token| {
            serde_json::json!({
                "name": token.name,
                "scope": token.scope.word(),
                "created_ms": token.created_ms,
                "expires_ms": token.expires_ms,
                "revoked_ms": token.revoked_ms,
                "valid": token.left != Left::Nothing,
            })
        })
        .collect();
    format!("{}\n", serde_json::Value::from(tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_standard_says() {
        // The test vectors of RFC 4648, without padding.
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn tokens_say_what_they_are_and_are_never_alike() {
        let (one, other) = (new_token(Scope::Worker).unwrap(), new_token(Scope::Worker).unwrap());
        assert!(one.starts_with("iago_worker_"));
        assert_eq!(one.len(), "iago_worker_".len() + 43);
        assert_ne!(one, other);
    }

    #[test]
    fn a_name_can_be_shown_anywhere() {
        assert!(check_name("w1").is_ok());
        assert!(check_name("anna@lab-3.example").is_ok());
        for bad in ["", "a b", "a\u{1b}[2J", "`x`", &"x".repeat(65)] {
            assert_eq!(check_name(bad).err().unwrap().exit, Exit::Usage);
        }
    }
}
