//! Which notation a prompt set is written in, told from its name.

/// The notation of a prompt set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object on each line.
    Jsonl,
    /// Comma-separated values, quoted as in RFC 4180; the first row names the columns.
    Csv,
    /// Tab-separated values with the quoting of CSV; the first row names the columns.
    Tsv,
    /// Apache Parquet; read only where the feature `parquet` is built in.
    Parquet,
}

impl Format {
    /// The format that the extension of `path` stands for, in either letter case: `.jsonl` and
    /// `.ndjson`, `.csv`, `.tsv`, `.parquet`. `None` for any other.
    pub fn from_path(path: &str) -> Option<Self> {
        let (stem, extension) = path.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_in_either_letter_case() {
        assert_eq!(Format::from_path("a/b.jsonl"), Some(Format::Jsonl));
        assert_eq!(Format::from_path("a/b.ndjson"), Some(Format::Jsonl));
        assert_eq!(Format::from_path("B.CSV"), Some(Format::Csv));
        assert_eq!(Format::from_path("b.x.tsv"), Some(Format::Tsv));
        assert_eq!(Format::from_path("b.parquet"), Some(Format::Parquet));
    }

    #[test]
    fn an_unknown_or_absent_extension_is_not_guessed() {
        for path in ["b.json", "csv", ".csv", "b.csv.gz", ""] {
            assert_eq!(Format::from_path(path), None, "{path}");
        }
    }
}
