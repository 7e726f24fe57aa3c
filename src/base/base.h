/* base/base.h — the door of the room: what every file may use. */
#ifndef UT_BASE_BASE_H
#define UT_BASE_BASE_H

#include "undertone/base.h"

#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/time.h"

#endif
