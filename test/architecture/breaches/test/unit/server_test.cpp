#include "http/session.hpp"

#include <librdkafka/rdkafka_mock.h>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>  // breach: catch2
