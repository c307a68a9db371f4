#pragma once

#include "request_reader.hpp"
#include "server_state.hpp"

namespace foodorder::http {

/// The handler that shall answer; or null, and `answer` is what the server answers by itself (see Server).
const Handler* dispatch(const ServerState& server, Message& message, Response& answer);

/// What the body of a request may have, by its header. Refuses whom the route would not answer, before the body comes.
BodyAllowance allow_body(const ServerState& server, Message& message);

}  // namespace foodorder::http
