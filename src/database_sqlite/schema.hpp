#pragma once

#include "connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace foodorder::database {

/// What an acknowledgement survives.
enum class Durability { process, power };

inline constexpr int schema_version = 3;

/// Opens the file, makes what is missing and brings an older schema up to date. Throws std::runtime_error with one line
/// that names the file and what is in the way.
std::unique_ptr<Connection> open_for_writing(const std::string& file, Durability durability,
                                             std::string_view architecture, std::string_view new_log_id);

/// Another connection, for reading only.
std::unique_ptr<Connection> open_for_reading(const std::string& file);

std::string log_id_of(Connection& connection);

}  // namespace foodorder::database
