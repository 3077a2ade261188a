package live_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

func noAgent(context.Context, int64) (*router.Agent, router.Scope, error) {
	return nil, router.Scope{}, nil
}

// wire is one end of a WebSocket.
type wire struct {
	net.Conn
	in *bufio.Reader
}

// upgrade makes a WebSocket of a connection, with no client in between that
// would keep memory.
func upgrade(conn net.Conn, path string, headers ...string) (*wire, error) {
	request := "GET " + path + " HTTP/1.1\r\nHost: relevo.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + strings.Join(headers, "") + "\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	w := &wire{conn, bufio.NewReaderSize(conn, 4096)}
	status, err := w.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if !strings.Contains(status, " 101 ") {
		return nil, fmt.Errorf("not upgraded: %s", strings.TrimSpace(status))
	}
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line == "\r\n" {
			return w, nil
		}
	}
}

// send writes one text frame, masked with zeros.
func (w *wire) send(text string) error {
	head := []byte{0x81}
	switch n := len(text); {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 0x80|127), uint64(n))
	}
	_, err := w.Write(append(append(head, 0, 0, 0, 0), text...))
	return err
}

// receive reads one frame. A close frame is given as its code and reason.
func (w *wire) receive() (string, error) {
	var head [2]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return "", err
	}
	size := uint64(head[1] & 0x7f)
	switch size {
	case 126:
		var n [2]byte
		if _, err := io.ReadFull(w.in, n[:]); err != nil {
			return "", err
		}
		size = uint64(binary.BigEndian.Uint16(n[:]))
	case 127:
		var n [8]byte
		if _, err := io.ReadFull(w.in, n[:]); err != nil {
			return "", err
		}
		size = binary.BigEndian.Uint64(n[:])
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(w.in, body); err != nil {
		return "", err
	}
	if head[0]&0x0f == 8 && size >= 2 {
		return fmt.Sprintf("closed %d %s", binary.BigEndian.Uint16(body), body[2:]), nil
	}
	return string(body), nil
}

// exchange sends a command over a connection, which it makes a WebSocket the
// first time, and returns the answer: a reply to a command, or the end.
func exchange(t *testing.T, conn net.Conn, command string) string {
	t.Helper()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	w, ok := conn.(*handmade)
	if !ok {
		t.Fatal("not from plain")
	}
	if w.wire == nil {
		var err error
		w.wire, err = upgrade(w.Conn, "/realtime")
		require.NoError(t, err)
	}
	require.NoError(t, w.wire.send(command))
	for {
		answer, err := w.wire.receive()
		require.NoError(t, err)
		if strings.Contains(answer, `"id":`) || strings.HasPrefix(answer, "closed") {
			return answer
		}
	}
}

// handmade is a connection that becomes a WebSocket at its first exchange.
type handmade struct {
	net.Conn
	wire *wire
}
