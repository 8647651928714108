-- The database, and its user for rpc-server, with no more rights than its
-- migrations (CREATE) and its work need. A server's administrator runs it once.
-- The password is that of a trial: choose another, here and in MYSQL_DSN.
CREATE DATABASE IF NOT EXISTS im;
CREATE USER IF NOT EXISTS im IDENTIFIED BY 'im';
GRANT SELECT, INSERT, UPDATE, CREATE ON im.* TO im;
