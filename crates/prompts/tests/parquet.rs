//! Parquet sets: a file as other tools write it, read as rows of text.

use iago_prompts::{Format, read};

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_the_reader_says_how_to_get_it() {
    let error = read("a.parquet", b"PAR1", Format::Parquet, "id").unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.parquet: this iago cannot read Parquet; build it with `--features parquet`, or write the \
         set as JSONL"
    );
}

#[cfg(feature = "parquet")]
mod with_the_reader {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    fn written(texts: &[&str]) -> Vec<u8> {
        let schema = "message set { required binary text (UTF8); required int64 number; }";
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let mut bytes = Vec::new();
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, properties).expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        let mut column = group.next_column().expect("it works").expect("the texts");
        let values: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).expect("texts");
        column.close().expect("closed");
        let mut column = group.next_column().expect("it works").expect("the numbers");
        let numbers: Vec<i64> = (1..).take(texts.len()).collect();
        column.typed::<Int64Type>().write_batch(&numbers, None, None).expect("numbers");
        column.close().expect("closed");
        group.close().expect("closed");
        writer.close().expect("closed");
        bytes
    }

    #[test]
    fn rows_are_read_as_text_and_line_breaks_stay() {
        let bytes = written(&["one\ntwo", "three"]);
        let set = read("a.parquet", &bytes, Format::Parquet, "number").unwrap();
        let rows: Vec<_> = set.rows.iter().map(|row| (&*row.id, &*row.columns["text"])).collect();
        assert_eq!(rows, [("1", "one\ntwo"), ("2", "three")]);
    }

    #[test]
    fn what_is_no_parquet_is_told() {
        let error = read("a.parquet", b"id,text\n", Format::Parquet, "id").unwrap_err();
        assert!(error.to_string().starts_with("a.parquet: no readable Parquet"), "{error}");
    }
}
