package dialogflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const maxAnswerBytes = 4 << 20

var (
	projectForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]{0,99}$`)
	locationForm    = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
	environmentForm = regexp.MustCompile(`^[A-Za-z0-9_ -]{1,60}$`)
)

// agentPath is the resource name that a session's id is appended to.
type agentPath string

func newAgentPath(o Options) (agentPath, error) {
	switch {
	case !projectForm.MatchString(o.Project):
		return "", fmt.Errorf("project %q is not a project id", o.Project)
	case o.Location != "" && !locationForm.MatchString(o.Location):
		return "", fmt.Errorf("location %q is not a region", o.Location)
	case o.Environment != "" && !environmentForm.MatchString(o.Environment):
		return "", fmt.Errorf("environment %q is not an environment's name", o.Environment)
	}
	path := "projects/" + o.Project
	if o.Location != "" {
		path += "/locations/" + o.Location
	}
	path += "/agent"
	if o.Environment != "" {
		path += "/environments/" + o.Environment + "/users/-"
	}
	return agentPath(path + "/sessions/"), nil
}

// endpoint derives the server from the location, because Google refuses any
// other pairing.
func endpoint(location string) string {
	if location == "" || location == "global" {
		return "dialogflow.googleapis.com:443"
	}
	return location + "-dialogflow.googleapis.com:443"
}

func clientOptions(o Options) ([]option.ClientOption, error) {
	options := []option.ClientOption{
		// The client logs whole requests when an environment variable asks it to,
		// and requests hold customers' words.
		option.WithLogger(slog.New(slog.DiscardHandler)),
		option.WithGRPCDialOption(grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes))),
		// A connection that a router on the way forgot swallows questions for
		// minutes. A ping finds out early enough to ask again on a new one.
		option.WithGRPCDialOption(grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time:    10 * time.Second,
			Timeout: 3 * time.Second,
		})),
	}
	if o.Endpoint != "" {
		return append(options, option.WithEndpoint(o.Endpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))), nil
	}
	options = append(options, option.WithEndpoint(endpoint(o.Location)))
	key, err := credentials(o)
	if err != nil || key == nil {
		return options, err
	}
	kind, err := credentialsType(key)
	if err != nil {
		return nil, err
	}
	return append(options, option.WithAuthCredentialsJSON(kind, key)), nil
}

// credentials returns the key that o holds or names, nil if neither.
func credentials(o Options) ([]byte, error) {
	if o.CredentialsFile == "" && len(o.CredentialsJSON) == 0 {
		return nil, nil
	}
	if o.CredentialsFile == "" {
		return o.CredentialsJSON, nil
	}
	if len(o.CredentialsJSON) > 0 {
		return nil, errors.New("credentials are given both as a file and as JSON")
	}
	key, err := os.ReadFile(o.CredentialsFile)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	return key, nil
}

// credentialsType tells the kinds of keys apart, as the client wants to be told
// which it is given. No part of the key goes into an error.
func credentialsType(key []byte) (option.CredentialsType, error) {
	var head struct {
		Type option.CredentialsType `json:"type"`
	}
	if json.Unmarshal(key, &head) != nil {
		return "", errors.New("credentials are not JSON")
	}
	switch head.Type {
	case option.ServiceAccount, option.AuthorizedUser, option.ExternalAccount, option.ImpersonatedServiceAccount:
		return head.Type, nil
	}
	return "", errors.New(`credentials are not a Google key: their "type" is none of service_account, ` +
		`external_account, impersonated_service_account, authorized_user`)
}
