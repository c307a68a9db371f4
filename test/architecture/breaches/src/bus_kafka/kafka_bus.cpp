#include "foodorder/bus/record.hpp"

#include <librdkafka/rdkafka.h>
#include <boost/asio/posix/stream_descriptor.hpp>
