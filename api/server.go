package api

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/ulule/limiter/v3"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

// Timeouts for the http.Server that carries the handler. WriteTimeout leaves
// room for the longest long poll of 60 seconds.
const (
	ReadHeaderTimeout = 10 * time.Second
	ReadTimeout       = 30 * time.Second
	WriteTimeout      = 90 * time.Second
	IdleTimeout       = 120 * time.Second
	MaxHeaderBytes    = 32 << 10

	operationTimeout = 20 * time.Second // of an operation that does not wait
	longPollTimeout  = 75 * time.Second // of one that may
)

// Server is the HTTP door. Fill its fields, then ask for the Handler once.
type Server struct {
	Pool     *pgxpool.Pool
	Now      func() time.Time // time.Now when nil
	Log      *slog.Logger     // slog.Default() when nil
	Dispatch *dispatch.Dispatch
	Blob     blob.Store
	Listener *event.Listener // wakes long polls; its Run is the caller's to start
	Gate     *webhook.Gate   // where webhooks may go
	Sealer   *webhook.Sealer // seals their secrets
	// ReceiptKey signs receipts.
	ReceiptKey ed25519.PrivateKey
	// PreviousReceiptKeys signed earlier receipts: they stay published.
	PreviousReceiptKeys []ed25519.PublicKey
	// AnswerKeys, of 32 bytes, seal the answers kept for 24 hours under an
	// Idempotency-Key; those after the first only open them.
	AnswerKeys [][]byte
	PublicURL  string // what callers reach this server as, such as https://api.example.com; no slash at the end
	Version    string // of the binary, shown in the OpenAPI document
	Limits     Limits
	// Ready, when set, decides /readyz after the database has answered.
	Ready func(ctx context.Context) error
	// Metrics, when set, receives the request metrics.
	Metrics prometheus.Registerer

	answers  answerSealer
	limits   limiter.Store
	requests *prometheus.HistogramVec
	router   chi.Router
	api      huma.API
}

// nouns are the parts of the API; each registers the operations of one noun.
var nouns = []func(*Server, huma.API){
	registerTemplate,
	registerTalent,
	registerTask,
	registerQuote,
	registerBooking,
	registerWorkOrder,
	registerQA,
	registerDispute,
	registerFile,
	registerMoney,
	registerReceipt,
	registerWebhook,
	registerEvent,
}

// Handler builds the API: every operation, the discovery files and health.
// It fails when the rate limit store cannot be reached or a field is not usable.
func (s *Server) Handler() (http.Handler, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Version == "" {
		s.Version = "dev"
	}
	if s.Metrics == nil {
		s.Metrics = prometheus.NewRegistry()
	}
	var err error
	if s.limits, err = s.Limits.store(); err != nil {
		return nil, err
	}
	if s.answers, err = newAnswerSealer(s.AnswerKeys); err != nil {
		return nil, err
	}
	s.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "humandispatch_http_request_seconds", Help: "Duration of HTTP requests.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
	}, []string{"method", "route", "status"})
	if err := s.Metrics.Register(s.requests); err != nil {
		return nil, err
	}

	r := chi.NewRouter()
	r.Use(s.envelop, s.headAndOptions)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed)
	s.router = r
	s.api = humachi.New(r, s.config())
	for _, register := range nouns {
		register(s, s.api)
	}
	s.transfers(r)
	s.notices(r)
	return r, s.discovery(r)
}

// config is huma without its own pages: the documents are made by us.
func (s *Server) config() huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: json.Unmarshal}
	return huma.Config{
		OpenAPI:                      s.openAPI(),
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}
