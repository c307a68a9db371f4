auto system_now() { return std::chrono::system_clock::now(); }
