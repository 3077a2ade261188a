package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretPrefix is what Standard Webhooks has before a secret's base64.
const secretPrefix = "whsec_"

// NewSecret draws a secret of 256 bits: "whsec_" and base64.
func NewSecret() string {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

var errSecret = errors.New("the webhook's secret is none")

// sign puts the delivery's id, when it is sent and two signatures on a request.
// Standard Webhooks signs "id.time.body" with the secret's bytes, Chatwoot
// "time.body" with the secret as it is written.
func sign(to http.Header, d Delivery, at time.Time) error {
	encoded, ok := strings.CutPrefix(d.Secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) == 0 {
		return errSecret
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	to.Set("Webhook-Id", d.ID)
	to.Set("Webhook-Timestamp", stamp)
	to.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(sum(key, d.ID, ".", stamp, ".", string(d.Body))))
	to.Set("X-Chatwoot-Delivery", d.ID)
	to.Set("X-Chatwoot-Timestamp", stamp)
	to.Set("X-Chatwoot-Signature", "sha256="+hex.EncodeToString(sum([]byte(d.Secret), stamp, ".", string(d.Body))))
	return nil
}

func sum(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write([]byte(p)) // never fails
	}
	return mac.Sum(nil)
}
