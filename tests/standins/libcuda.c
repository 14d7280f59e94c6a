/* A driver that answers what `cuda.driver.probe` asks, from the environment:
   STANDIN_CUDA_ERROR (of cuInit), _COUNT, _NAME, _SM (87), _BYTES, _VERSION (12060). */

#include <stdlib.h>
#include <string.h>

static long long setting(const char *name, long long otherwise) {
  const char *text = getenv(name);
  return text ? atoll(text) : otherwise;
}

int cuInit(unsigned flags) {
  return flags ? 1 : (int)setting("STANDIN_CUDA_ERROR", 0);
}

int cuDriverGetVersion(int *version) {
  *version = (int)setting("STANDIN_CUDA_VERSION", 12060);
  return 0;
}

int cuDeviceGetCount(int *count) {
  *count = (int)setting("STANDIN_CUDA_COUNT", 1);
  return 0;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = 0;
  return ordinal < setting("STANDIN_CUDA_COUNT", 1) ? 0 : 101;
}

int cuDeviceGetName(char *name, int length, int device) {
  const char *told = getenv("STANDIN_CUDA_NAME");
  strncpy(name, told ? told : "Orin", (size_t)length);
  name[length - 1] = 0;
  return device;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  int sm = (int)setting("STANDIN_CUDA_SM", 87);
  if (attribute != 75 && attribute != 76) return 1;
  *value = attribute == 75 ? sm / 10 : sm % 10;
  return device;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t)setting("STANDIN_CUDA_BYTES", 8LL << 30);
  return device;
}
