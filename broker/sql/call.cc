#include "broker/sql/call.h"

#include <set>

#include "absl/strings/match.h"

namespace jit::sql {
namespace {

// Names that begin so. The first that fits is taken.
struct Row {
  absl::string_view begins;
  Effect effect;
  absl::string_view why;
};

constexpr absl::string_view kSessions = "ends or disturbs the work of other sessions";
constexpr absl::string_view kFiles = "reaches files of the server";
constexpr absl::string_view kElsewhere = "works over a connection of its own, outside this change";
constexpr absl::string_view kServer = "acts on the whole server";
constexpr absl::string_view kText = "runs SQL that is not in the script";
constexpr absl::string_view kLargeObjects = "changes large objects, which no image is kept of";
constexpr absl::string_view kWaits = "waits while locks are held";
constexpr absl::string_view kSequence = "moves a sequence, which a rollback does not move back";
constexpr absl::string_view kLock = "takes a lock that outlives a rollback";

constexpr Row kRows[] = {
    {"pg_terminate_backend", Effect::kDangerous, kSessions},
    {"pg_cancel_backend", Effect::kDangerous, kSessions},
    {"dblink", Effect::kDangerous, kElsewhere},
    {"lo_", Effect::kDangerous, kLargeObjects},
    {"lowrite", Effect::kDangerous, kLargeObjects},
    {"loread", Effect::kDangerous, kLargeObjects},
    {"pg_read_", Effect::kDangerous, kFiles},
    {"pg_ls_", Effect::kDangerous, kFiles},
    {"pg_stat_file", Effect::kDangerous, kFiles},
    {"pg_file_", Effect::kDangerous, kFiles},
    {"pg_logdir_ls", Effect::kDangerous, kFiles},
    {"pg_current_logfile", Effect::kDangerous, kFiles},
    {"set_config", Effect::kDangerous, "changes settings of the session by name"},
    {"query_to_xml", Effect::kDangerous, kText},
    {"cursor_to_xml", Effect::kDangerous, kText},
    {"ts_stat", Effect::kDangerous, kText},
    {"crosstab", Effect::kDangerous, kText},
    {"connectby", Effect::kDangerous, kText},
    {"xpath_table", Effect::kDangerous, kText},
    {"pg_reload_conf", Effect::kDangerous, kServer},
    {"pg_rotate_logfile", Effect::kDangerous, kServer},
    {"pg_switch_wal", Effect::kDangerous, kServer},
    {"pg_create_restore_point", Effect::kDangerous, kServer},
    {"pg_backup_", Effect::kDangerous, kServer},
    {"pg_start_backup", Effect::kDangerous, kServer},
    {"pg_stop_backup", Effect::kDangerous, kServer},
    {"pg_promote", Effect::kDangerous, kServer},
    {"pg_wal_replay_", Effect::kDangerous, kServer},
    {"pg_log_backend_memory", Effect::kDangerous, kServer},
    {"pg_create_logical_replication", Effect::kDangerous, kServer},
    {"pg_create_physical_replication", Effect::kDangerous, kServer},
    {"pg_copy_", Effect::kDangerous, kServer},
    {"pg_drop_replication_slot", Effect::kDangerous, kServer},
    {"pg_replication_", Effect::kDangerous, kServer},
    {"pg_logical_slot_", Effect::kDangerous, kServer},
    {"pg_stat_reset", Effect::kDangerous, kServer},
    {"pg_import_system_collations", Effect::kDangerous, kServer},
    {"pg_sleep", Effect::kDangerous, kWaits},
    {"pg_logical_emit_message", Effect::kNotRolledBack, "may write to the log for good"},
    {"nextval", Effect::kNotRolledBack, kSequence},
    {"setval", Effect::kNotRolledBack, kSequence},
    {"pg_advisory_xact_lock", Effect::kNone, ""},
    {"pg_try_advisory_xact_lock", Effect::kNone, ""},
    {"pg_advisory_", Effect::kNotRolledBack, kLock},
    {"pg_try_advisory_", Effect::kNotRolledBack, kLock},
    {"pg_notify", Effect::kNotifies, "speaks to whoever listens"},
};

const std::set<absl::string_view>& Harmless() {
  static const std::set<absl::string_view> names = {
      // Over many rows, and windows.
      "count", "sum", "avg", "min", "max", "array_agg", "string_agg", "bool_and", "bool_or",
      "every", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "stddev", "variance",
      "stddev_pop", "stddev_samp", "var_pop", "var_samp", "corr", "mode", "percentile_cont",
      "percentile_disc", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
      "lag", "lead", "first_value", "last_value", "nth_value", "bit_and", "bit_or", "grouping",
      // Numbers.
      "abs", "ceil", "ceiling", "floor", "round", "trunc", "mod", "power", "sqrt", "exp", "ln",
      "log", "sign", "div", "gcd", "lcm", "pi", "random", "setseed", "width_bucket", "sin", "cos",
      "tan", "asin", "acos", "atan", "atan2", "degrees", "radians",
      // Text.
      "lower", "upper", "initcap", "length", "char_length", "character_length", "octet_length",
      "bit_length", "substr", "substring", "position", "strpos", "overlay", "trim", "btrim",
      "ltrim", "rtrim", "lpad", "rpad", "left", "right", "repeat", "replace", "reverse",
      "translate", "concat", "concat_ws", "format", "quote_ident", "quote_literal",
      "quote_nullable", "split_part", "string_to_array", "string_to_table", "starts_with", "ascii",
      "chr", "md5", "sha224", "sha256", "sha384", "sha512", "encode", "decode", "convert_from",
      "convert_to", "to_hex", "regexp_replace", "regexp_match", "regexp_matches", "regexp_count",
      "regexp_instr", "regexp_like", "regexp_substr", "regexp_split_to_array",
      "regexp_split_to_table", "like_escape", "similar_to_escape", "normalize", "is_normalized",
      "unistr", "to_tsvector", "to_tsquery", "plainto_tsquery", "websearch_to_tsquery", "ts_rank",
      "setweight",
      // Dates.
      "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday",
      "date_trunc", "date_part", "date_bin", "extract", "age", "make_date", "make_time",
      "make_interval", "make_timestamp", "make_timestamptz", "to_char", "to_date", "to_number",
      "to_timestamp", "timezone", "justify_days", "justify_hours", "justify_interval", "isfinite",
      "overlaps",
      // Arrays, ranges, JSON.
      "array_length", "array_append", "array_prepend", "array_cat", "array_remove", "array_replace",
      "array_position", "array_positions", "array_to_string", "array_upper", "array_lower",
      "array_ndims", "array_dims", "array_fill", "cardinality", "unnest", "generate_series",
      "generate_subscripts", "int4range", "int8range", "numrange", "tsrange", "tstzrange",
      "daterange", "isempty", "lower_inc", "upper_inc", "to_json", "to_jsonb", "row_to_json",
      "array_to_json", "json_build_object", "jsonb_build_object", "json_build_array",
      "jsonb_build_array", "json_object", "jsonb_object", "jsonb_set", "jsonb_insert",
      "jsonb_set_lax", "json_extract_path", "jsonb_extract_path", "json_extract_path_text",
      "jsonb_extract_path_text", "json_array_elements", "jsonb_array_elements",
      "json_array_elements_text", "jsonb_array_elements_text", "json_each", "jsonb_each",
      "json_each_text", "jsonb_each_text", "json_object_keys", "jsonb_object_keys",
      "json_array_length", "jsonb_array_length", "json_typeof", "jsonb_typeof", "jsonb_strip_nulls",
      "json_strip_nulls", "jsonb_pretty", "jsonb_path_query", "jsonb_path_exists",
      "jsonb_path_match", "jsonb_path_query_array", "jsonb_path_query_first", "jsonb_to_recordset",
      "json_to_recordset", "jsonb_populate_record", "json_populate_record",
      // The database and itself.
      "version", "current_database", "current_schema", "current_schemas", "pg_backend_pid",
      "current_setting", "currval", "lastval", "pg_typeof", "pg_size_pretty", "pg_column_size",
      "pg_table_size", "pg_total_relation_size", "pg_relation_size", "pg_indexes_size",
      "pg_database_size", "pg_get_viewdef", "pg_get_functiondef", "pg_get_constraintdef",
      "pg_get_indexdef", "pg_get_triggerdef", "pg_get_expr", "pg_get_serial_sequence",
      "to_regclass", "to_regproc", "to_regtype", "to_regrole", "obj_description", "col_description",
      "has_table_privilege", "has_schema_privilege", "has_column_privilege", "pg_has_role",
      "txid_current", "pg_current_xact_id", "gen_random_uuid", "num_nulls", "num_nonnulls",
      "pg_is_in_recovery", "hashtext", "coalesce", "greatest", "least", "nullif"};
  return names;
}

}  // namespace

Judgement JudgeCall(const std::vector<absl::string_view>& words) {
  if (words.empty()) {
    return {};
  }
  const absl::string_view name = words.back();
  for (const Row& row : kRows) {
    if (absl::StartsWith(name, row.begins)) {
      return {row.effect, row.why};
    }
  }
  const bool is_ours_to_know = words.size() == 1 || words.front() == "pg_catalog";
  if (is_ours_to_know && Harmless().contains(name)) {
    return {Effect::kNone, ""};
  }
  return {};
}

}  // namespace jit::sql
