#pragma once  // breach: reach
