// The precompiled headers need a target of their own; cmake/options.cmake lists them.
