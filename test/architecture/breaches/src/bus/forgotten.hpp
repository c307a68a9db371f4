#pragma once  // breach: unused
