package live

import (
	"fmt"

	"github.com/centrifugal/centrifuge"
)

// prefix of everything that is ours in Redis.
const prefix = "relevo"

// connectBroker lets nodes hear each other: through Redis, or, where there is
// one alone, in memory.
func (l *Live) connectBroker() error {
	if l.opts.Redis == "" {
		return nil // the node's own: memory
	}
	shard, err := centrifuge.NewRedisShard(l.node, centrifuge.RedisShardConfig{Address: l.opts.Redis})
	if err != nil {
		return fmt.Errorf("live: redis: %w", err)
	}
	l.closers = append(l.closers, shard.Close)
	broker, err := centrifuge.NewRedisBroker(l.node, centrifuge.RedisBrokerConfig{Prefix: prefix, Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return fmt.Errorf("live: redis broker: %w", err)
	}
	presence, err := centrifuge.NewRedisPresenceManager(l.node, centrifuge.RedisPresenceManagerConfig{Prefix: prefix, Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return fmt.Errorf("live: redis presence: %w", err)
	}
	l.node.SetBroker(broker)
	l.node.SetPresenceManager(presence)
	return nil
}
