select fingerprint, result from answers where key = ?1
