//! A small typed language with three-valued logic: true, false, unknown.
//!
//! Sweep files say with it when a stage is asked, which class a transcript falls into, what is counted and over what.
//! A wrong answer here is a wrong number in a report, so three things hold:
//!
//! - **Everything is checked before anything is evaluated.** A misspelt name, a word that no judge can say and a
//!   comparison of text with a number are errors of [`Expression::parse`], with their column.
//! - **Unknown is never coerced.** A judge that abstained makes a comparison unknown, not false ([`Truth`] is Kleene's
//!   logic); a stage that was skipped is "not asked" ([`Value::NotAsked`]), which is another thing.
//! - **Evaluation is total.** It cannot fail, divide by zero, overflow to infinity, or exhaust the stack.
//!
//! It deliberately has no functions, no variables of its own, no text operations and no conversion between types. The
//! one exception to the last is documented at [`Expression::number`]: a condition inside arithmetic counts as 1 or 0.
//! It does not know what the names stand for; callers declare them in a [`Scope`] and answer for them in a lookup.
//!
//! # The language
//!
//! From the loosest to the tightest binding:
//!
//! | form | meaning |
//! | --- | --- |
//! | `a or b`, `a and b`, `not a` | Kleene's logic over conditions |
//! | `a == b`, `a != b` | two texts, two numbers or two conditions; numbers are equal when they are exactly equal |
//! | `a < b`, `a <= b`, `a > b`, `a >= b` | two numbers |
//! | `a in ['x', 'y']`, `a not in [1, 2]` | one of the literals listed |
//! | `a + b`, `a - b`, `a * b`, `a / b`, `-a` | numbers, and conditions as 1 or 0 |
//! | `response.finish`, `'text'`, `"text"`, `0.5`, `1e-3`, `true`, `false`, `( … )` | names and literals; `\\`, `\'` and `\"` are the escapes |
//!
//! Comparisons do not chain: `a == b == c` is an error.
//!
//! # Use
//!
//! ```
//! use iago_expression::{Domain, Expression, Scope, Truth, Value};
//!
//! let scope = Scope::new()
//!     .with("compliance", Domain::one_of(["comply", "refuse"]))
//!     .with("faking", Domain::one_of(["yes", "no"]));
//! let faked = Expression::parse_condition("compliance == 'comply' and faking == 'yes'", &scope)?;
//!
//! // The judge of `faking` abstained: an answer that complied may have been faked, one that refused was not.
//! let abstained = |compliance: &'static str| {
//!     move |name: &str| if name == "compliance" { Value::from(compliance) } else { Value::Unknown }
//! };
//! assert_eq!(faked.truth(&abstained("comply")), Truth::Unknown);
//! assert_eq!(faked.truth(&abstained("refuse")), Truth::False);
//!
//! let misspelt = Expression::parse("compliance == 'comply_'", &scope).unwrap_err();
//! assert_eq!(misspelt.column, 15);
//! # Ok::<(), iago_expression::ExpressionError>(())
//! ```
#![warn(missing_docs)]

mod expression;

mod completions;
mod error;
mod scope;
mod truth;
mod value;

mod check;
mod evaluate;
mod nearest;
mod parse;
mod range;
mod syntax;
mod term;
mod token;

pub use completions::completions;
pub use error::ExpressionError;
pub use expression::{Expression, MAX_NESTING, MAX_SOURCE_CHARACTERS, is_name};
pub use nearest::{find_nearest, suggest};
pub use scope::{Domain, Scope};
pub use truth::Truth;
pub use value::Value;
