// A driver library that answers as it is told at compile time: -DINIT=100, -DCOUNT=0.
#include <stdio.h>
#include <string.h>

#ifndef INIT
#define INIT 0
#endif
#ifndef COUNT
#define COUNT 1
#endif
#ifndef NAME
#define NAME "Orin"
#endif

static int initialised = 0;

int cuInit(unsigned int flags) {
  initialised = flags == 0 && INIT == 0;
  return INIT;
}

int cuDeviceGetCount(int *count) {
  *count = COUNT;
  return initialised ? 0 : 3;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = 40 + ordinal;
  return initialised ? 0 : 3;
}

int cuDeviceGetName(char *name, int length, int device) {
  if (device != 40) return 101;
  snprintf(name, length, "%s", NAME);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (device != 40) return 101;
  if (attribute == 75) return *value = 8, 0;
  if (attribute == 76) return *value = 7, 0;
  return 1;
}

#ifndef OLD
int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  if (device != 40) return 101;
  return *bytes = (size_t)64 << 30, 0;
}
#endif

int cuDriverGetVersion(int *version) { return *version = 12060, 0; }
