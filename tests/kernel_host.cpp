// Runs preprocess.cu on the CPU: what CUDA gives a kernel, in C++, and a loop over the grid.
//
// Every lane of a block is a coroutine, run in turn up to its next __syncthreads(). A barrier that
// is missing then shows as a wrong result, always, since the first lane runs ahead of all others.

#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace {

struct Index {
  int x, y, z;
};

Index blockIdx, threadIdx, blockDim;

constexpr std::size_t STACK_BYTES = 128 * 1024;

struct Lane {
  ucontext_t context;
  std::vector<char> stack;
  bool done;
};

ucontext_t scheduler;
std::vector<Lane> lanes;
std::function<void()> body;

void __syncthreads() {
  if (blockDim.x > 1) swapcontext(&lanes[threadIdx.x].context, &scheduler);
}

void enter() {
  body();
  lanes[threadIdx.x].done = true;
}

// IEEE 754 binary16, to nearest, ties to even.
std::uint16_t half_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t sign = bits >> 16 & 0x8000u;
  const std::uint32_t size = bits & 0x7fffffffu;
  std::uint32_t half;
  if (size > 0x7f800000u)
    half = 0x7e00u;  // not a number
  else if (size >= 0x477ff000u)
    half = 0x7c00u;  // 65520 and more
  else if (size >= 0x38800000u)
    half = (size - 0x38000000u + 0x0fffu + (size >> 13 & 1u)) >> 13;
  else
    half = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(std::fabs(value), 24)));
  return static_cast<std::uint16_t>(sign | half);
}

}  // namespace

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(threads)

#include "preprocess.cu"

namespace {

void start(Lane& lane) {
  lane.stack.resize(STACK_BYTES);
  lane.done = false;
  getcontext(&lane.context);
  lane.context.uc_stack.ss_sp = lane.stack.data();
  lane.context.uc_stack.ss_size = lane.stack.size();
  lane.context.uc_link = &scheduler;
  makecontext(&lane.context, enter, 0);
}

// Runs every lane up to its next barrier, or its end; says how many ended.
int advance(bool backwards) {
  int ended = 0;
  for (int turn = 0; turn < blockDim.x; ++turn) {
    threadIdx.x = backwards ? blockDim.x - 1 - turn : turn;
    swapcontext(&scheduler, &lanes[threadIdx.x].context);
    ended += lanes[threadIdx.x].done;
  }
  return ended;
}

// Whether all lanes met at every barrier.
bool run_block(bool backwards) {
  threadIdx = {0, 0, 0};
  if (blockDim.x == 1) {
    body();
    return true;
  }
  for (Lane& lane : lanes) start(lane);
  int ended = 0;
  while (ended == 0) ended = advance(backwards);
  return ended == blockDim.x;
}

template <typename Element>
int run(void (*kernel)(const FrameParams*, const Params, Element*), const void* frames,
        const void* params, void* out, const int* grid, int threads, int backwards) {
  Params copy;
  std::memcpy(&copy, params, sizeof copy);
  blockDim = {threads, 1, 1};
  lanes.resize(static_cast<std::size_t>(threads));
  body = [=] {
    kernel(static_cast<const FrameParams*>(frames), copy, static_cast<Element*>(out));
  };
  for (blockIdx.z = 0; blockIdx.z < grid[2]; ++blockIdx.z)
    for (blockIdx.y = 0; blockIdx.y < grid[1]; ++blockIdx.y)
      for (blockIdx.x = 0; blockIdx.x < grid[0]; ++blockIdx.x)
        if (!run_block(backwards != 0)) return 1;
  return 0;
}

}  // namespace

extern "C" {

int run_preprocess_f32(const void* frames, const void* params, void* out, const int* grid,
                       int threads, int backwards) {
  return run(preprocess_f32, frames, params, out, grid, threads, backwards);
}

int run_preprocess_f16(const void* frames, const void* params, void* out, const int* grid,
                       int threads, int backwards) {
  return run(preprocess_f16, frames, params, out, grid, threads, backwards);
}

int run_preprocess_u8(const void* frames, const void* params, void* out, const int* grid,
                      int threads, int backwards) {
  return run(preprocess_u8, frames, params, out, grid, threads, backwards);
}

void to_half(const float* values, std::uint16_t* out, std::size_t count) {
  for (std::size_t at = 0; at < count; ++at) out[at] = half_bits(values[at]);
}
}
