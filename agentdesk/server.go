package agentdesk

import (
	"context"
	"time"
)

// serverJSON is what clients ask first, to see whether a server is one.
type serverJSON struct {
	Version       string `json:"version"`
	Timestamp     string `json:"timestamp"`
	QueueServices string `json:"queue_services"`
	DataServices  string `json:"data_services"`
}

func (d *Desk) showServer(ctx context.Context, _ *struct{}) (serverJSON, error) {
	health := "ok"
	if d.router.Ready(ctx) != nil {
		health = "failing"
	}
	return serverJSON{Version: d.version, Timestamp: d.clock().UTC().Format(time.DateTime), QueueServices: health, DataServices: health}, nil
}
