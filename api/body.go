package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

const (
	maxBody  = 1 << 20 // bytes of a request body
	maxDepth = 64      // nested arrays and objects in it
)

// readBody reads a request body and refuses everything that is not plain,
// unambiguous JSON, before anything else looks at it. No body is nil.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.PayloadTooLarge, "The body is larger than %d bytes; upload files through POST /v1/files/presign", maxBody).With("limit_bytes", maxBody)
	case err != nil:
		return nil, wrongBody("an interrupted body", "the whole body", "Send the request again")
	case len(raw) == 0:
		return nil, nil
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || mediaType != "application/json" || (charset != "" && charset != "utf-8") || r.Header.Get("Content-Encoding") != "" {
		return nil, fault.New(fault.UnsupportedMediaType, "Send the body as Content-Type: application/json, in UTF-8 and not compressed")
	}
	return raw, checkJSON(raw)
}

// setBody hands a checked body on to huma.
func setBody(r *http.Request, raw []byte) {
	r.Body = io.NopCloser(bytes.NewReader(wholeNumbers(raw)))
	r.Header.Set("Content-Type", "application/json") // whatever its spelling was
}

// wholeNumbers writes 3.0 and 3e2 as 3 and 300: JSON Schema calls them integers,
// Go's decoder does not. Bodies without such numbers stay as they are.
func wholeNumbers(raw []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return raw
	}
	v, changed := whole(v)
	if !changed {
		return raw
	}
	rewritten, err := marshal(v)
	if err != nil {
		return raw
	}
	return rewritten
}

func whole(v any) (_ any, changed bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		if strings.ContainsAny(string(v), ".eE") && err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return json.Number(strconv.FormatInt(int64(f), 10)), true
		}
	case []any:
		for i := range v {
			below, did := whole(v[i])
			v[i], changed = below, changed || did
		}
	case map[string]any:
		for k := range v {
			below, did := whole(v[k])
			v[k], changed = below, changed || did
		}
	}
	return v, changed
}

func wrongBody(found, expected, fix string) error {
	return fault.Invalid("The body is not valid", fault.Field{Path: "body", Found: found, Expected: expected, Fix: fix})
}

// checkJSON refuses what JSON libraries disagree about or Postgres cannot store:
// invalid UTF-8, NUL, lone surrogates, deep nesting, duplicate names, numbers
// out of range, and text after the value.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		at := 0
		for at < len(raw) {
			r, size := utf8.DecodeRune(raw[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return wrongBody(fmt.Sprintf("bytes that are not UTF-8 at offset %d", at), "UTF-8", "Encode the body as UTF-8")
	}
	if err := scan(raw); err != nil {
		return err
	}
	// Valid syntax first, so that the walk below sees only well-formed tokens.
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return wrongBody(fmt.Sprintf("%s at offset %d", syntax.Error(), syntax.Offset), "one JSON value", "Correct the JSON")
		}
		return wrongBody(err.Error(), "one JSON value", "Correct the JSON")
	}
	w := walker{dec: json.NewDecoder(bytes.NewReader(raw))}
	w.dec.UseNumber()
	return w.value("")
}

// scan looks at bytes that no parser needs to understand: depth, NUL and lone surrogates.
func scan(raw []byte) error {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == 0:
			return wrongBody(fmt.Sprintf("a NUL character at offset %d", i), "text without NUL characters", "Remove it")
		case inString && c == '\\':
			i++
			if i < len(raw) && raw[i] == 'u' {
				unit, ok := hex4(raw, i+1)
				if !ok {
					continue // the parser says what is wrong
				}
				i += 4
				switch {
				case unit == 0:
					return wrongBody(fmt.Sprintf("an escaped NUL character at offset %d", i-5), "text without NUL characters", "Remove it")
				case unit >= 0xD800 && unit < 0xDC00:
					low, ok := uint64(0), false
					if i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
						low, ok = hex4(raw, i+3)
					}
					if !ok || low < 0xDC00 || low > 0xDFFF {
						return wrongBody(fmt.Sprintf("half of a surrogate pair at offset %d", i-5), "whole characters", "Escape both halves or send the character itself")
					}
					i += 6
				case unit >= 0xDC00 && unit <= 0xDFFF:
					return wrongBody(fmt.Sprintf("half of a surrogate pair at offset %d", i-5), "whole characters", "Escape both halves or send the character itself")
				}
			}
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return wrongBody(fmt.Sprintf("more than %d levels of nesting", maxDepth), fmt.Sprintf("at most %d levels", maxDepth), "Flatten the body")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func hex4(raw []byte, at int) (uint64, bool) {
	if at+4 > len(raw) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(raw[at:at+4]), 16, 16)
	return v, err == nil
}

// walker goes through well-formed JSON and refuses duplicate names and numbers
// that neither a float64 nor Postgres can hold.
type walker struct{ dec *json.Decoder }

func (w walker) value(path string) error {
	token, err := w.dec.Token()
	if err != nil {
		return wrongBody(err.Error(), "one JSON value", "Correct the JSON")
	}
	switch t := token.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(string(t), 64); err != nil || len(t) > 64 || tiny(string(t)) {
			return fault.Invalid("The body is not valid", fault.Field{Path: orBody(path), Found: show("", string(t)), Expected: "a number of at most 64 characters within ±1e308", Fix: "Send a smaller number"})
		}
	case json.Delim:
		if t == '[' {
			for i := 0; w.dec.More(); i++ {
				if err := w.value(fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		} else {
			seen := map[string]bool{}
			for w.dec.More() {
				token, err := w.dec.Token()
				if err != nil {
					return wrongBody(err.Error(), "one JSON value", "Correct the JSON")
				}
				name := token.(string)
				below := name
				if path != "" {
					below = path + "." + name
				}
				if seen[name] {
					return fault.Invalid("The body is not valid", fault.Field{Path: below, Found: "the field twice", Expected: "each field once", Fix: "Remove one of them"})
				}
				seen[name] = true
				if err := w.value(below); err != nil {
					return err
				}
			}
		}
		_, err := w.dec.Token() // the closing bracket
		return err
	}
	return nil
}

// tiny reports an exponent far below what a float64 holds; it parses to 0
// without an error, but Postgres cannot store the digits.
func tiny(number string) bool {
	at := strings.IndexAny(number, "eE")
	if at < 0 {
		return false
	}
	exponent, err := strconv.Atoi(number[at+1:])
	return err != nil || exponent < -400
}

func orBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}
