//! Waiting for something that happens by itself.

#![expect(
    clippy::panic,
    reason = "what never happens is a failed test, not an error to handle"
)]

use std::panic::Location;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer, and gives it back.
///
/// # Panics
/// When there is none within the limit; the message names the line that waited.
#[track_caller]
pub fn eventually<T, Attempt, Answer>(limit: Duration, attempt: Attempt) -> impl Future<Output = T>
where
    Attempt: FnMut() -> Answer,
    Answer: Future<Output = Option<T>>,
{
    poll(limit, attempt, Location::caller())
}

async fn poll<T, Attempt, Answer>(limit: Duration, mut attempt: Attempt, caller: &Location<'_>) -> T
where
    Attempt: FnMut() -> Answer,
    Answer: Future<Output = Option<T>>,
{
    let end = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    while let Ok(answer) = timeout_at(end, attempt()).await {
        if let Some(answer) = answer {
            return answer;
        }
        if Instant::now() >= end {
            break;
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
    panic!("{caller}: did not happen within {limit:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_ends_the_waiting() {
        let mut asked = 0;
        let answer = eventually(Duration::from_secs(5), || {
            asked += 1;
            let now = asked;
            async move { (now == 3).then_some(now) }
        });
        assert_eq!(answer.await, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "did not happen within")]
    async fn an_attempt_that_hangs_is_given_up() {
        eventually(Duration::from_millis(20), std::future::pending::<Option<()>>).await;
    }
}
