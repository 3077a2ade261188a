package agentdesk

import "context"

// accountShowJSON is the one account.
type accountShowJSON struct {
	ID                    int64    `json:"id"`
	Name                  string   `json:"name"`
	Locale                string   `json:"locale"`
	Domain                *string  `json:"domain"`
	SupportEmail          *string  `json:"support_email"`
	Status                string   `json:"status"`
	CacheKeys             struct{} `json:"cache_keys"`
	Features              struct{} `json:"features"`
	Settings              struct{} `json:"settings"`
	CustomAttributes      struct{} `json:"custom_attributes"`
	LatestChatwootVersion *string  `json:"latest_chatwoot_version"`
	SubscribedFeatures    []string `json:"subscribed_features"`
}

// showAccount answers what every account has here: names and settings live in
// inboxes and in the configuration.
func (d *Desk) showAccount(context.Context, *accountPath) (accountShowJSON, error) {
	return accountShowJSON{ID: accountID, Name: accountName, Locale: "en", Status: "active", SubscribedFeatures: []string{}}, nil
}
