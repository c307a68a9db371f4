#include "order_database.hpp"

#include "job_queue.hpp"
