package main

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/stripe"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers/mail"
)

// The groups of flags below are embedded in the commands that use them. Each has a
// check of what kong cannot know; its errors name the flag.

// logFlags say how the process reports.
type logFlags struct {
	LogLevel  slog.Level `env:"HUMANDISPATCH_LOG_LEVEL" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat string     `env:"HUMANDISPATCH_LOG_FORMAT" default:"text" enum:"text,json" help:"text or json, one line an entry on standard error."`
}

func (f logFlags) logger(std streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: f.LogLevel}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(std.err, options))
	}
	return slog.New(slog.NewTextHandler(std.err, options))
}

// databaseFlags name the Postgres database.
type databaseFlags struct {
	DatabaseURL         string `env:"HUMANDISPATCH_DATABASE_URL" placeholder:"URL" help:"Postgres database, such as postgres://user:password@host:5432/humandispatch."`
	DatabaseConnections int    `env:"HUMANDISPATCH_DATABASE_CONNECTIONS" default:"24" help:"Connections this process opens at most."`
}

func (f databaseFlags) check() error {
	if f.DatabaseURL == "" {
		return errors.New("--database-url (HUMANDISPATCH_DATABASE_URL) is missing: name a Postgres database, such as postgres://user:password@host:5432/humandispatch; `humandispatch dev` brings its own")
	}
	return f.checkGiven()
}

func (f databaseFlags) checkGiven() error {
	if f.DatabaseConnections < 4 {
		return fmt.Errorf("--database-connections is %d, expected at least 4", f.DatabaseConnections)
	}
	if f.DatabaseURL == "" {
		return nil
	}
	if _, err := pgxpool.ParseConfig(f.DatabaseURL); err != nil {
		return fmt.Errorf("--database-url (HUMANDISPATCH_DATABASE_URL): %w", err) // pgx hides the password
	}
	return nil
}

// open connects, and refuses a database that was never migrated.
func (f databaseFlags) open(ctx context.Context) (*pgxpool.Pool, error) {
	pool, err := db.Open(ctx, f.DatabaseURL, f.DatabaseConnections)
	if err != nil {
		return nil, err
	}
	var migrated bool
	if err := pool.QueryRow(ctx, `SELECT to_regclass('accounts') IS NOT NULL AND to_regclass('river_job') IS NOT NULL`).Scan(&migrated); err != nil {
		pool.Close()
		return nil, fmt.Errorf("look for the schema: %w", err)
	}
	if !migrated {
		pool.Close()
		return nil, errors.New("the database has no HumanDispatch schema yet: run `humandispatch migrate` with the same --database-url first")
	}
	return pool, nil
}

// secretKey is the one secret of a deployment. Keys for its several uses are
// derived from it, so that none of them gives away another.
type secretKey []byte

const secretKeyBytes = 32

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *secretKey) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != secretKeyBytes {
		return fmt.Errorf("expected %d random bytes in hexadecimal, as `openssl rand -hex %d` prints them, found %d characters", secretKeyBytes, secretKeyBytes, len(text))
	}
	*k = raw
	return nil
}

// derive makes the 32-byte key for one use (HKDF-SHA256, RFC 5869).
func (k secretKey) derive(use string) []byte {
	key, err := hkdf.Key(sha256.New, k, nil, "humandispatch "+use, 32)
	if err != nil {
		panic(err) // only for lengths beyond 255 hashes
	}
	return key
}

// receiptKey signs receipts.
func (k secretKey) receiptKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(k.derive("receipts"))
}

// fileFlags say where files are kept.
type fileFlags struct {
	FilesDir       string `env:"HUMANDISPATCH_FILES_DIR" placeholder:"DIR" help:"Keep files in this folder, which API and workers must share."`
	S3Endpoint     string `name:"s3-endpoint" env:"HUMANDISPATCH_S3_ENDPOINT" placeholder:"HOST" help:"Keep files in a bucket instead: host[:port] of a server that speaks S3."`
	S3Bucket       string `name:"s3-bucket" env:"HUMANDISPATCH_S3_BUCKET" placeholder:"NAME" help:"The bucket; it must exist."`
	S3Region       string `name:"s3-region" env:"HUMANDISPATCH_S3_REGION" default:"us-east-1" help:"The bucket's region."`
	S3AccessKey    string `name:"s3-access-key" env:"HUMANDISPATCH_S3_ACCESS_KEY" placeholder:"KEY" help:"Access key for the bucket."`
	S3SecretKey    string `name:"s3-secret-key" env:"HUMANDISPATCH_S3_SECRET_KEY" placeholder:"KEY" help:"Secret key for the bucket."`
	S3Insecure     bool   `name:"s3-insecure" env:"HUMANDISPATCH_S3_INSECURE" help:"Talk to the server without TLS."`
	S3AllowReplace bool   `name:"s3-allow-replace" env:"HUMANDISPATCH_S3_ALLOW_REPLACE" help:"For servers that do not know If-None-Match on PUT: an upload may then replace an earlier one."`
}

func (f fileFlags) check() error {
	switch {
	case f.FilesDir == "" && f.S3Endpoint == "":
		return errors.New("--files-dir (HUMANDISPATCH_FILES_DIR) is missing: name a folder for uploaded files, or a bucket with --s3-endpoint and --s3-bucket")
	case f.FilesDir != "" && f.S3Endpoint != "":
		return errors.New("--files-dir and --s3-endpoint exclude each other: keep files in one place")
	case f.S3Endpoint != "" && f.S3Bucket == "":
		return errors.New("--s3-bucket (HUMANDISPATCH_S3_BUCKET) is missing beside --s3-endpoint")
	case strings.Contains(f.S3Endpoint, "/"):
		return fmt.Errorf("--s3-endpoint is %q, expected host[:port] without scheme or path", f.S3Endpoint)
	}
	return nil
}

func (f fileFlags) store(publicURL string, key secretKey) (blob.Store, error) {
	if f.FilesDir != "" {
		return blob.NewDisk(f.FilesDir, publicURL, key.derive("file URLs"), time.Now)
	}
	return blob.NewS3(blob.S3Options{
		Endpoint: f.S3Endpoint, Region: f.S3Region, Bucket: f.S3Bucket, AccessKey: f.S3AccessKey, SecretKey: f.S3SecretKey,
		UseTLS: !f.S3Insecure, AllowReplace: f.S3AllowReplace,
	})
}

// moneyFlags are what the deployment charges and how it pays.
type moneyFlags struct {
	PlatformFee         percent `env:"HUMANDISPATCH_PLATFORM_FEE" default:"15" help:"The platform's part of accepted work, in percent."`
	CancellationShare   percent `env:"HUMANDISPATCH_CANCELLATION_SHARE" default:"50" help:"The talent's part of a booking cancelled after check-in, in percent."`
	StripeSecretKey     string  `env:"HUMANDISPATCH_STRIPE_SECRET_KEY" placeholder:"KEY" help:"Pay talent of live accounts through Stripe with this key; otherwise payouts are only written into the ledger."`
	StripeWebhookSecret string  `env:"HUMANDISPATCH_STRIPE_WEBHOOK_SECRET" placeholder:"SECRET" help:"Signing secret of the endpoint that Stripe reports to."`
	StripeURL           string  `name:"stripe-url" env:"HUMANDISPATCH_STRIPE_URL" placeholder:"URL" help:"Address of Stripe's API when it is not Stripe's own, such as a mock."`
}

func (f moneyFlags) check() error {
	if (f.StripeSecretKey == "") != (f.StripeWebhookSecret == "") {
		return errors.New("--stripe-secret-key and --stripe-webhook-secret go together: give both or none")
	}
	return nil
}

// provider pays talent of live accounts.
func (f moneyFlags) provider() (escrow.Provider, error) {
	if f.StripeSecretKey == "" {
		return escrow.Builtin{}, nil
	}
	return stripe.New(stripe.Config{SecretKey: f.StripeSecretKey, WebhookSecret: f.StripeWebhookSecret, URL: f.StripeURL})
}

func (f moneyFlags) ledger() (*escrow.Ledger, error) {
	provider, err := f.provider()
	if err != nil {
		return nil, err
	}
	return escrow.New(escrow.Policy{FeeBasisPoints: int(f.PlatformFee), CancellationBasisPoints: int(f.CancellationShare)}, provider)
}

// percent is a share in basis points, written in percent with up to two decimals.
type percent int

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *percent) UnmarshalText(text []byte) error {
	whole, decimals, _ := strings.Cut(string(text), ".")
	points, err := strconv.ParseUint(whole+(decimals + "00")[:2], 10, 16)
	if err != nil || whole == "" || len(decimals) > 2 || points > 10_000 {
		return fmt.Errorf("expected 0 to 100 with at most two decimals, such as 12.5, found %q", text)
	}
	*p = percent(points)
	return nil
}

// sharedFlags are those that every running process of a deployment agrees on.
type sharedFlags struct {
	logFlags
	databaseFlags
	fileFlags
	moneyFlags
	policyFlags
	SecretKey     secretKey     `env:"HUMANDISPATCH_SECRET_KEY" placeholder:"HEX" help:"The deployment's secret, the same in all its processes: 32 random bytes in hexadecimal. It signs file URLs and seals webhook secrets."`
	PreviousKeys  []secretKey   `name:"previous-secret-key" env:"HUMANDISPATCH_PREVIOUS_SECRET_KEY" sep:"," placeholder:"HEX" help:"A secret that the deployment had before, which may be given several times: receipts signed with it still verify and webhook secrets sealed with it still sign."`
	PublicURL     string        `env:"HUMANDISPATCH_PUBLIC_URL" placeholder:"URL" help:"What the API is reached as from outside, such as https://api.example.com."`
	MetricsListen string        `env:"HUMANDISPATCH_METRICS_LISTEN" placeholder:"ADDR" help:"Serve /metrics and /healthz of this process on this address; off unless set."`
	DrainTimeout  time.Duration `env:"HUMANDISPATCH_DRAIN_TIMEOUT" default:"30s" help:"How long requests and jobs may go on after a stop was asked for."`

	WebhooksLoopback bool `env:"HUMANDISPATCH_WEBHOOKS_LOOPBACK" help:"Deliver webhooks to this machine, too, also over http. Other private addresses are always refused."`
	WebhooksHTTP     bool `name:"webhooks-http" env:"HUMANDISPATCH_WEBHOOKS_HTTP" help:"Deliver webhooks over http, not only https."`
}

func (f sharedFlags) check() error {
	var missing []error
	if len(f.SecretKey) == 0 {
		missing = append(missing, errors.New("--secret-key (HUMANDISPATCH_SECRET_KEY) is missing: make one with `openssl rand -hex 32`, keep it, and give it to every process of the deployment"))
	}
	if f.PublicURL == "" {
		missing = append(missing, errors.New("--public-url (HUMANDISPATCH_PUBLIC_URL) is missing: say what the API is reached as, such as https://api.example.com"))
	}
	return errors.Join(append(missing, f.databaseFlags.check(), f.fileFlags.check(), f.checkRun())...)
}

// checkRun checks what dev does not set by itself.
func (f sharedFlags) checkRun() error {
	if f.PublicURL != "" {
		u, err := url.Parse(f.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || strings.HasSuffix(f.PublicURL, "/") {
			return fmt.Errorf("--public-url is %q, expected http(s)://host[:port] without a slash at the end", f.PublicURL)
		}
	}
	if f.DrainTimeout < time.Second || f.DrainTimeout > 10*time.Minute {
		return fmt.Errorf("--drain-timeout is %s, expected 1s to 10m", f.DrainTimeout)
	}
	return errors.Join(f.moneyFlags.check(), f.policyFlags.check(), checkAddress("--metrics-listen", f.MetricsListen))
}

func checkAddress(flag, address string) error {
	if address == "" {
		return nil
	}
	if _, port, err := net.SplitHostPort(address); err != nil || !isPort(port) {
		return fmt.Errorf("%s is %q, expected host:port such as 127.0.0.1:8080, or :8080 for every address", flag, address)
	}
	return nil
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// apiFlags are the API's own.
type apiFlags struct {
	Listen                   string `env:"HUMANDISPATCH_LISTEN" default:"127.0.0.1:8080" help:"Address the API listens on."`
	RequestsPerMinute        int    `env:"HUMANDISPATCH_REQUESTS_PER_MINUTE" default:"60" help:"Requests a key may make a minute, unless the key says otherwise."`
	MoneyRequestsPerMinute   int    `env:"HUMANDISPATCH_MONEY_REQUESTS_PER_MINUTE" default:"10" help:"The same for requests that move money."`
	AddressRequestsPerMinute int    `env:"HUMANDISPATCH_ADDRESS_REQUESTS_PER_MINUTE" default:"60" help:"Requests a network address may make a minute without a valid key."`
	RedisURL                 string `env:"HUMANDISPATCH_REDIS_URL" placeholder:"URL" help:"Share the counts of rate limits between API processes through this Redis, such as redis://host:6379/0; each process counts for itself unless set."`
}

func (f apiFlags) check() error {
	if f.RequestsPerMinute < 1 {
		return fmt.Errorf("--requests-per-minute is %d, expected at least 1", f.RequestsPerMinute)
	}
	if f.MoneyRequestsPerMinute < 1 {
		return fmt.Errorf("--money-requests-per-minute is %d, expected at least 1", f.MoneyRequestsPerMinute)
	}
	if f.AddressRequestsPerMinute < 1 {
		return fmt.Errorf("--address-requests-per-minute is %d, expected at least 1", f.AddressRequestsPerMinute)
	}
	return checkAddress("--listen", f.Listen)
}

// workerFlags are the workers' own.
type workerFlags struct {
	moderationFlags
	Queues       map[string]int `env:"HUMANDISPATCH_QUEUES" mapsep:"," placeholder:"QUEUE=JOBS,…" help:"Work on these queues only, each with so many jobs at once, such as media_qa=4,webhooks=64. All queues unless set."`
	MailFrom     string         `env:"HUMANDISPATCH_MAIL_FROM" default:"HumanDispatch <no-reply@localhost>" placeholder:"ADDR" help:"Sender of invitations."`
	MailDir      string         `env:"HUMANDISPATCH_MAIL_DIR" placeholder:"DIR" help:"Write mail into this folder when no SMTP server is given."`
	SMTPHost     string         `name:"smtp-host" env:"HUMANDISPATCH_SMTP_HOST" placeholder:"HOST" help:"Send mail through this server."`
	SMTPPort     int            `name:"smtp-port" env:"HUMANDISPATCH_SMTP_PORT" placeholder:"PORT" help:"Its port: 587, 465 with tls and 25 with none unless set."`
	SMTPSecurity string         `name:"smtp-security" env:"HUMANDISPATCH_SMTP_SECURITY" default:"starttls" enum:"starttls,tls,none" help:"starttls, tls, or none for a relay on this machine."`
	SMTPUser     string         `name:"smtp-user" env:"HUMANDISPATCH_SMTP_USER" placeholder:"NAME" help:"User name for the server, when it asks for one."`
	SMTPPassword string         `name:"smtp-password" env:"HUMANDISPATCH_SMTP_PASSWORD" placeholder:"PASSWORD" help:"Password for the server."`
}

func (f workerFlags) check() error {
	for _, queue := range slices.Sorted(maps.Keys(f.Queues)) {
		if jobs.DefaultWorkers[queue] == 0 {
			return fmt.Errorf("--queues names %q, expected %s", queue, strings.Join(queueNames(), ", "))
		}
		if n := f.Queues[queue]; n < 1 || n > 10_000 {
			return fmt.Errorf("--queues has %s=%d, expected 1 to 10000", queue, n)
		}
	}
	if f.SMTPPort < 0 || f.SMTPPort > 65535 {
		return fmt.Errorf("--smtp-port is %d, expected 1 to 65535", f.SMTPPort)
	}
	if f.SMTPHost == "" && f.MailDir == "" {
		return errors.New("--smtp-host (HUMANDISPATCH_SMTP_HOST) is missing: name a mail server for invitations, or a folder to write them to with --mail-dir")
	}
	_, err := f.sender()
	return err
}

func (f workerFlags) sender() (mail.Sender, error) {
	if f.SMTPHost == "" {
		return mail.NewFolder(f.MailDir, f.MailFrom)
	}
	return mail.NewSMTP(mail.SMTPOptions{
		Host: f.SMTPHost, Port: f.SMTPPort, Security: mail.Security(f.SMTPSecurity), Username: f.SMTPUser, Password: f.SMTPPassword, From: f.MailFrom,
	})
}

// queues is what to work on, and with how many jobs at once.
func (f workerFlags) queues() map[string]int {
	if len(f.Queues) > 0 {
		return f.Queues
	}
	return jobs.DefaultWorkers
}

func queueNames() []string { return slices.Sorted(maps.Keys(jobs.DefaultWorkers)) }

// makeDirs creates folders that only this user may read.
func makeDirs(dirs ...string) error {
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}
