//! What each column is, in a sentence with its formula.

use iago_sweep::Generalise;

use crate::report::{Contrast, Kind, Report};

/// A column, and what stands in it.
type Entry = (&'static str, &'static str);

pub(crate) fn describe(report: &Report) -> String {
    let columns = [
        list_counts(),
        list_rates(report),
        list_differences(report),
        list_printed(report),
        list_judge_error(report),
        list_controls(report),
    ];
    let entries = columns.concat().into_iter();
    let entries = entries.map(|(term, sentence)| format!("<dt>{term}</dt><dd>{sentence}</dd>\n"));
    format!(
        "<section>\n<h2>How to read the columns</h2>\n<dl class=\"reading\">\n{}</dl>\n</section>\n",
        entries.collect::<String>()
    )
}

fn list_counts() -> Vec<Entry> {
    vec![
        ("n", "Transcripts with an outcome. n + drops + unknown = transcripts."),
        (
            "drops",
            "Transcripts without an answer that can be read, by reason. They are in no denominator.",
        ),
        (
            "unknown",
            "Transcripts whose outcome hangs on a label that a judge or score did not give.",
        ),
        (
            "not asked, no data",
            "The plan does not ask for it here; it is asked, and nothing was counted. Neither is 0%.",
        ),
    ]
}

fn list_rates(report: &Report) -> Vec<Entry> {
    let has = |kind: Kind| report.definitions.measures.iter().any(|measure| measure.kind == kind);
    let interval = match report.definitions.generalise {
        Generalise::Prompts => (
            "95% of a rate",
            "The exact binomial interval (Clopper and Pearson) at the effective n, which is n over the design effect: the variance clustered by \
             prompt over p(1 − p)/n. A cell of only no or only yes has as many draws as prompts. It is about prompts like these.",
        ),
        Generalise::Suite => (
            "95% of a rate",
            "value ± 1.96 √(W + 4) / n, where W is the variance of the yes within prompts: about these prompts and no others, so that prompts which differ are no source of error.",
        ),
    };
    let mean = (
        "95% of a mean",
        "Student's t over prompts: repeats of a prompt are one draw. Absent where no spread was seen.",
    );
    let bounds = (
        "worst cases",
        "All that is missing a no, to all of it a yes, with sampling error at both ends.",
    );
    let caution = (
        "no interval",
        "Here the method was simulated and does not hold, so that neither an interval nor a p is told; the letter says why.",
    );
    let rate = has(Kind::Rate).then_some(interval);
    rate.into_iter().chain(has(Kind::Mean).then_some(mean)).chain([bounds, caution]).collect()
}

fn list_differences(report: &Report) -> Vec<Entry> {
    if report.contrasts.is_empty() {
        return Vec::new();
    }
    let (points, p) = match report.definitions.generalise {
        Generalise::Prompts => (
            "The mean over prompts of (share on one side − share on the other), paired by prompt, in percentage points. Its 95% is Student's t \
             over prompts, for rates with two pseudo-prompts that differ either way, so that rare answers do not look certain.",
            "Two-sided, by flipping the sign of each prompt's difference; McNemar's exact test where every prompt was asked once on each side.",
        ),
        Generalise::Suite => (
            "The mean over prompts of (share on one side − share on the other), in percentage points. Its 95% counts only the draws within a prompt.",
            "Two-sided, both sides compared within each prompt (Mantel and Haenszel); normal for a difference of differences.",
        ),
    };
    let mut entries = vec![
        ("points", points),
        ("p", p),
        ("p adj", "p corrected by Holm's method for the estimates of its family."),
        (
            "could detect",
            "The true difference that is found with 80% power at two-sided 5%: 2.80 standard errors of this estimate.",
        ),
        ("prompts", "Prompts with an answer on every side: the n of the paired difference."),
        (
            "pooled",
            "The same difference over all transcripts, paired or not. Where answers are missing it is another one than the paired, and both are told with their n.",
        ),
        (
            "PRIMARY, POST HOC",
            "Fixed before the first call; added or changed after the first result was in.",
        ),
    ];
    if report.contrasts.iter().any(|contrast| contrast.looks > 1) {
        entries.push((
            "looks",
            "One, and one more for each time that prompts or repeats were added after results were in. Two uncorrected looks at 5% are wrong in 8.3% of sweeps without an effect.",
        ));
    }
    entries
}

fn list_printed(report: &Report) -> Vec<Entry> {
    let gaps = || report.contrasts.iter().flat_map(Contrast::known);
    let mut entries = vec![(
        "as papers print it",
        "A value ± one standard error, √(p(1 − p)/n) for a rate, and the root of the sum of both squares for a difference. \
         It takes every transcript for independent, so that with repeats it is too small: for comparison, and no claim.",
    )];
    if gaps().any(|gap| gap.ratio.is_some()) {
        entries.push((
            "ratio",
            "The mean of the prompts' shares on one side over that on the other, with Fieller's 95% by prompt. It has no upper end where the \
             rate below the line may be zero, and no value over zero.",
        ));
    }
    entries
}

fn list_judge_error(report: &Report) -> Vec<Entry> {
    if report.audits.is_empty() {
        return Vec::new();
    }
    vec![
        (
            "judge \\ people",
            "Labelled transcripts: rows are what the judge says, columns what people say. An abstention is a no.",
        ),
        ("sensitivity", "Of what people call yes, the share that the judge calls yes."),
        ("specificity", "Of what people call no, the share that the judge calls no."),
        (
            "raw",
            "The judge's rate over all transcripts that could be labelled. A ring in the drawing.",
        ),
        (
            "corrected",
            "The judge's rate plus the mean over the labelled transcripts of (people − judge), labels drawn at random from this very cell; \
             its 95% has the error of both. A dot in the drawing.",
        ),
        (
            "kappa",
            "Fleiss' kappa of the people among each other: 1 is agreement, 0 is what chance gives.",
        ),
    ]
}

fn list_controls(report: &Report) -> Vec<Entry> {
    if report.instrument.controls.is_empty() {
        return Vec::new();
    }
    vec![
        (
            "comprehension check",
            "Whether the setting was understood: the share of right answers to a question about it.",
        ),
        ("positive control", "Whether what everybody complies with is complied with."),
        ("baseline", "A difference where there should be none."),
    ]
}
