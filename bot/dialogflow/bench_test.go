package dialogflow

import (
	"context"
	"net"
	"testing"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// What the adapter and the wire cost when the agent takes no time.
func BenchmarkDetect(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	g := grpc.NewServer()
	dialogflowpb.RegisterSessionsServer(g, &server{Listener: listener,
		answer: func(context.Context, int, *dialogflowpb.DetectIntentRequest) (*dialogflowpb.DetectIntentResponse, error) {
			return hello(), nil
		}})
	go func() { _ = g.Serve(listener) }()
	defer g.Stop()
	es, err := NewES(b.Context(), Options{Project: "p", Endpoint: listener.Addr().String(), RatePerMinute: -1})
	require.NoError(b, err)
	defer func() { _ = es.Close() }()
	require.NoError(b, es.Warm(b.Context()))
	for b.Loop() {
		_, err := es.Detect(b.Context(), hola)
		require.NoError(b, err)
	}
}
