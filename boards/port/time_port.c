// Included by MicroPython's extmod/modtime.c. There is no calendar clock: time counts from reset.
#include "shared/timeutils/timeutils.h"

#include "ticks.h"

#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 27, 0)
static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(ticks_us64() / 1000000, &tm);
    mp_obj_t tuple[8] = {
        MP_OBJ_NEW_SMALL_INT(tm.tm_year),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mon),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mday),
        MP_OBJ_NEW_SMALL_INT(tm.tm_hour),
        MP_OBJ_NEW_SMALL_INT(tm.tm_min),
        MP_OBJ_NEW_SMALL_INT(tm.tm_sec),
        MP_OBJ_NEW_SMALL_INT(tm.tm_wday),
        MP_OBJ_NEW_SMALL_INT(tm.tm_yday),
    };
    return mp_obj_new_tuple(8, tuple);
}
#else // the caller makes the tuple
static void mp_time_localtime_get(timeutils_struct_time_t *tm) {
    timeutils_seconds_since_epoch_to_struct_time(ticks_us64() / 1000000, tm);
}
#endif

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int(ticks_us64() / 1000000);
}
