//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// words is what customers say, as long as what the ruler stores.
const words = "Hello, I would like to know where my order number 12345 is and when it arrives ok"

// answerTimeout limits one request; a server that hangs ends the run.
const answerTimeout = 30 * time.Second

// place is a conversation that can be written to.
type place struct {
	id   int64
	path string // of its messages
}

// client is one connection that sends one request after the other. It is lean
// because it runs on the processors that it measures.
type client struct {
	conn    net.Conn
	in      *bufio.Reader
	address string
	token   string // of an agent; none for customers
	out     []byte
}

func dial(ctx context.Context, address string) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReader(conn), address: address}, nil
}

// post sends a JSON body and decodes the answer into answer, unless that is nil.
func (c *client) post(path string, body []byte, answer any) error {
	return c.ask("POST", path, body, answer)
}

// get decodes what is at path into answer, unless that is nil.
func (c *client) get(path string, answer any) error { return c.ask("GET", path, nil, answer) }

func (c *client) ask(method, path string, body []byte, answer any) error {
	c.out = append(append(append(c.out[:0], method...), ' '), path...)
	c.out = append(append(c.out, " HTTP/1.1\r\nHost: "...), c.address...)
	if c.token != "" {
		c.out = append(append(c.out, "\r\napi_access_token: "...), c.token...)
	}
	if body != nil {
		c.out = append(c.out, "\r\nContent-Type: application/json\r\nContent-Length: "...)
		c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	}
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if err := c.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if answer != nil {
		return json.NewDecoder(resp.Body).Decode(answer)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// write sends a customer's message under an id of its own, as widgets do.
func (c *client) write(to place, content string, number int64) error {
	return c.post(to.path, fmt.Appendf(nil, `{"content":%q,"echo_id":"%d"}`, content, number), nil)
}

// load is a server under the closed load of eight customers, each of whom
// writes as soon as his last message is stored.
type load struct {
	address string
	token   string // of an agent, where it is agents who write
	places  []place
	sent    int64 // numbers messages over all rounds
}

// measure loads the server for d. Any answer but success ends it.
func (l *load) measure(ctx context.Context, d time.Duration) (sample, error) {
	var mu sync.Mutex
	var took []time.Duration
	all, ctx := errgroup.WithContext(ctx)
	customers := make([]*client, clients)
	for i := range customers {
		c, err := dial(ctx, l.address)
		if err != nil {
			return sample{}, err
		}
		defer c.conn.Close()
		c.token = l.token
		customers[i] = c
	}
	base := l.sent
	start := time.Now()
	for i, c := range customers {
		all.Go(func() error {
			var mine []time.Duration
			defer func() { mu.Lock(); took = append(took, mine...); mu.Unlock() }()
			for number := base + int64(i); time.Since(start) < d && ctx.Err() == nil; number += clients {
				began := time.Now()
				if err := c.write(l.places[rand.IntN(len(l.places))], words, number); err != nil {
					return err
				}
				mine = append(mine, time.Since(began))
			}
			return nil
		})
	}
	err := all.Wait()
	elapsed := time.Since(start)
	l.sent += clients * int64(len(took)+1)
	return newSample(took, elapsed), err
}
