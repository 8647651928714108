-- The database, and its user for rpc-server, with no more rights than its
-- migrations (CREATE) and its work need. A server's administrator runs it once.
-- The password is that of a trial: choose another, here and in MYSQL_DSN.
CREATE DATABASE IF NOT EXISTS im;
CREATE USER IF NOT EXISTS im IDENTIFIED BY 'im';
GRANT SELECT, INSERT, UPDATE, CREATE ON im.* TO im;
-- The first start of a version that extends the tables of an earlier one also needs
-- ALTER; its error says so:
--   GRANT ALTER ON im.* TO im;   and, once it serves,   REVOKE ALTER ON im.* FROM im;
