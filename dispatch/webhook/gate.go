package webhook

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Gate says where webhooks may go: to public addresses only, over https, unless
// the deployment allows more. It decides at registration (Create, Check) and
// again when a connection is made (NewClient), so that a name that changes its
// address in between gains nothing.
type Gate struct {
	AllowLoopback bool          // 127.0.0.0/8 and ::1, there also over http
	AllowHTTP     bool          // http to public addresses
	Resolver      *net.Resolver // nil: the system's
}

var (
	loopback4 = netip.MustParsePrefix("127.0.0.0/8")
	loopback6 = netip.MustParsePrefix("::1/128")
)

// checkURL judges what can be judged without the network.
func (g *Gate) checkURL(raw string) (*url.URL, error) {
	refuse := func(found, expected, fix string) error {
		return fault.Invalid("The endpoint's URL is not allowed", fault.Field{Path: "url", Found: found, Expected: expected, Fix: fix})
	}
	if len(raw) > 2048 {
		return nil, refuse(fmt.Sprintf("%d bytes", len(raw)), "at most 2048 bytes", "Use a shorter URL")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return nil, refuse(quote(raw), "an absolute URL such as https://example.com/hook", "Give scheme, host and path")
	}
	if u.User != nil {
		return nil, refuse("a user name or password in the URL", "none", "Verify the signature instead; put a token into the path if you need one")
	}
	if u.Fragment != "" {
		return nil, refuse("a fragment (#…)", "none", "Remove it: it is never sent")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._:%") != "" {
		return nil, refuse(quote(host), "a host name of ASCII letters, digits, hyphens and dots", "Write an international name in its xn-- form")
	}
	addr, err := netip.ParseAddr(host)
	isAddr := err == nil
	if !isAddr && looksNumeric(host) {
		return nil, refuse(quote(host), "a host name or a plain address", "Write an IPv4 address as four decimal numbers without leading zeros")
	}
	if isAddr && addr.Zone() != "" {
		return nil, refuse(quote(host), "an address without a zone", "Use a public address")
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || isAddr && isLoopback(addr)
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (g.AllowHTTP || g.AllowLoopback && local):
	case u.Scheme == "http":
		return nil, refuse("http", "https", "Serve the endpoint over https; this deployment does not send webhooks in clear")
	default:
		return nil, refuse(quote(u.Scheme), "https", "Use https")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		// Ports below 1024 belong to mail, shells and databases, not to webhooks.
		n, err := strconv.Atoi(port)
		if err != nil || n > 65535 || n < 1024 && n != 80 && n != 443 {
			return nil, refuse("port "+quote(port), "443, 80 or 1024 to 65535", "Listen on another port")
		}
	}
	if isAddr {
		if err := g.checkAddr(addr); err != nil {
			return nil, refuse(host, "a public address", "Give a host name or address that is reachable from the internet")
		}
	} else if local && !g.AllowLoopback {
		return nil, refuse(host, "a public host name", "Give a host name that is reachable from the internet")
	}
	return u, nil
}

// Check resolves the URL's host and refuses it when any of its addresses is not
// allowed. It uses the network: call it before the transaction that calls Create.
// Its faults are SCHEMA_VALIDATION_FAILED with path url.
func (g *Gate) Check(ctx context.Context, raw string) error {
	u, err := g.checkURL(raw)
	if err != nil {
		return err
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil // checkURL has judged it
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	host := u.Hostname()
	addrs, err := g.resolver().LookupNetIP(ctx, "ip", host)
	public := err == nil && len(addrs) > 0
	for _, addr := range addrs {
		public = public && g.checkAddr(addr) == nil
	}
	if !public {
		// One answer for both, without addresses: who registers endpoints must not
		// learn which names exist on the inside, and where they are.
		return fault.Invalid("The endpoint's URL is not allowed", fault.Field{
			Path: "url", Found: host, Expected: "a host that resolves to public addresses only",
			Fix: "Check the spelling and that its DNS record is public: webhooks are never sent to loopback, private, link-local or metadata addresses",
		})
	}
	return nil
}

func (g *Gate) checkAddr(addr netip.Addr) error {
	// IPv4 in IPv6 form (::ffff:a.b.c.d) is dialled as IPv4, so it is judged as IPv4.
	return g.guardian().SafeAddr(addr.Unmap())
}

// control is a net.Dialer's Control: it sees the address that is really dialled.
func (g *Gate) control(network, address string, c syscall.RawConn) error {
	return g.guardian().Safe(network, address, c)
}

func (g *Gate) guardian() *ssrf.Guardian {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	if g.AllowLoopback {
		options = append(options, ssrf.WithAllowedV4Prefixes(loopback4), ssrf.WithAllowedV6Prefixes(loopback6))
	}
	return ssrf.New(options...)
}

func (g *Gate) resolver() *net.Resolver {
	if g.Resolver != nil {
		return g.Resolver
	}
	return net.DefaultResolver
}

// NewClient makes the client that delivers: no proxy, no redirects, 15 seconds
// for everything, and only to addresses that the gate lets through.
func NewClient(gate *Gate) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: gate.control, Resolver: gate.Resolver}
	return &http.Client{
		Timeout:       15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConns:           1000,
			MaxIdleConnsPerHost:    32,
			IdleConnTimeout:        60 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

func isLoopback(a netip.Addr) bool { return a.Unmap().IsLoopback() }

// looksNumeric reports whether a resolver might take the name for an IPv4 address
// in decimal, octal or hexadecimal form: its last label is a number.
func looksNumeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") {
		return strings.Trim(last[2:], "0123456789abcdef") == ""
	}
	return last == "" || strings.Trim(last, "0123456789") == ""
}

func quote(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strconv.QuoteToGraphic(s)
}
