// Planes to a model's input: antialiased resize, YCbCr to RGB, normalisation, one launch a batch.
//
// It computes what preprocess.py computes, in the same order: each plane is resized, the small
// picture converted, clipped to 0...255 and normalised. The filters are Pillow's: Keys' cubic with
// a = -0.5 (R. Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981) or a
// triangle, stretched by the reduction, cut at the plane's border, weights summing to 1.
//
// A block makes COLUMNS x ROWS pixels of one frame's tensor. Plane by plane, it takes the source
// rows it needs CHUNK at a time: filtered along x into shared memory, then added along y to the
// sums. For 4K cropped to 224 x 224 a sample is 9.6 luma samples apart from the next, so a pixel
// has 39 x 39 luma and twice 19 x 19 chroma taps, 2,230 reads if taken in two dimensions. In two
// passes it is 465 + 2 x 116 reads of memory and 77 of shared memory: a quarter of the source rows
// are filtered by two blocks. 1080p to 224 x 224: 116 + 2 x 29, not 558. Weights are computed, not
// stored, since their number has no bound: once for RUN rows along x.
//
// All loops step by blockDim.x and only shared memory outlives __syncthreads(), so a block may have
// any number of threads, one included: tests compile this file with a C++ compiler and run it so.
// layout.py has the two structures for numpy, launch.py the grid.

namespace {

constexpr int COLUMNS = 32;
constexpr int ROWS = 16;
constexpr int THREADS = 256;
constexpr int CHUNK = 32;
constexpr int RUN = 4;
constexpr int PIXELS = COLUMNS * ROWS;
static_assert(CHUNK % RUN == 0, "runs fill a chunk");

struct Plane {
  const unsigned char* data;
  int stride;  // bytes from a row to the next
  int step;    // bytes from a sample to the next: 1, or 2 for the chroma of NV12
  int width;
  int height;
};

struct FrameParams {
  Plane planes[3];     // Y, Cb, Cr
  double start[2];     // of the luma box: x, y
  double scale[2];     // luma samples for a pixel of the tensor: x, y
  int origin[2];       // where the resized picture lies in the tensor: x, y
  int size[2];         // how large it is: width, height
  float matrix[3][3];  // (Y, Cb, Cr) to the tensor's channels in 0...255
  float offset[3];
};

struct Params {
  int width;  // of the tensor
  int height;
  int pixel_stride;  // elements from a pixel to the next
  int channel_stride;
  float support;   // of the filter, in samples, unstretched
  float inner[4];  // its polynomial for |x| < 1, constant first
  float outer[4];  // and for 1 <= |x| < 2
  float gain[3];   // pixel * gain - shift is what the model wants
  float shift[3];
  float pad;  // pixel around a letterboxed picture
};

static_assert(sizeof(Plane) == 24, "layout.py: PLANE");
static_assert(sizeof(FrameParams) == 168, "layout.py: FRAME");
static_assert(sizeof(Params) == 80, "layout.py: PARAMS");
#ifndef __CUDACC_RTC__  // NVRTC has no offsetof
#define OFFSET(structure, field, at) \
  static_assert(__builtin_offsetof(structure, field) == at, "layout.py")
OFFSET(Plane, data, 0);
OFFSET(Plane, stride, 8);
OFFSET(Plane, step, 12);
OFFSET(Plane, width, 16);
OFFSET(Plane, height, 20);
OFFSET(FrameParams, planes, 0);
OFFSET(FrameParams, start, 72);
OFFSET(FrameParams, scale, 88);
OFFSET(FrameParams, origin, 104);
OFFSET(FrameParams, size, 112);
OFFSET(FrameParams, matrix, 120);
OFFSET(FrameParams, offset, 156);
OFFSET(Params, width, 0);
OFFSET(Params, height, 4);
OFFSET(Params, pixel_stride, 8);
OFFSET(Params, channel_stride, 12);
OFFSET(Params, support, 16);
OFFSET(Params, inner, 20);
OFFSET(Params, outer, 36);
OFFSET(Params, gain, 52);
OFFSET(Params, shift, 64);
OFFSET(Params, pad, 76);
#undef OFFSET
#endif

// The samples of one axis that make one pixel; sample first + k weighs filter(offset + k * pace).
struct Taps {
  int first;
  int count;  // 0: the pixel is padding
  float offset;
  float pace;
  float gain;  // 1 / sum of the weights
};

struct Tile {
  Taps columns[COLUMNS];
  Taps rows[ROWS];
  float filtered[CHUNK][COLUMNS];  // source rows, resized along x
  float sums[3][PIXELS];           // Y, Cb, Cr of the tile's pixels
};

__device__ float weight(const Params& params, float distance) {
  const float x = distance < 0 ? -distance : distance;
  const bool near = x < 1;
  const float c0 = near ? params.inner[0] : params.outer[0];
  const float c1 = near ? params.inner[1] : params.outer[1];
  const float c2 = near ? params.inner[2] : params.outer[2];
  const float c3 = near ? params.inner[3] : params.outer[3];
  return ((c3 * x + c2) * x + c1) * x + c0;
}

// Positions are computed in double: a float has no room for a fraction beside a 4K coordinate.
__device__ Taps taps(const Params& params, double start, double scale, int pixel, int samples) {
  const double stretch = scale > 1 ? scale : 1;
  const double centre = start + (pixel + 0.5) * scale;
  const double reach = params.support * stretch;
  const int low = static_cast<int>(centre - reach + 0.5);
  const int high = static_cast<int>(centre + reach + 0.5);
  Taps made;
  made.first = low < 0 ? 0 : low;
  made.count = (high > samples ? samples : high) - made.first;
  made.pace = static_cast<float>(1 / stretch);
  made.offset = static_cast<float>((made.first - centre + 0.5) / stretch);
  float sum = 0;
  for (int k = 0; k < made.count; ++k) sum += weight(params, made.offset + k * made.pace);
  made.gain = 1 / sum;
  return made;
}

// Taps of `count` pixels of an axis (0: x, 1: y) from `corner` of the tensor on.
__device__ void aim(Taps* out, int count, int corner, int axis, int plane, const FrameParams& frame,
                    const Params& params) {
  const double part = plane == 0 ? 1 : 0.5;
  const int samples = axis == 0 ? frame.planes[plane].width : frame.planes[plane].height;
  for (int at = threadIdx.x; at < count; at += blockDim.x) {
    const int pixel = corner + at - frame.origin[axis];
    const bool inside = pixel >= 0 && pixel < frame.size[axis];
    out[at] = inside
                  ? taps(params, frame.start[axis] * part, frame.scale[axis] * part, pixel, samples)
                  : Taps{0, 0, 0, 0, 0};
  }
}

// Source rows [base, end) at the tile's columns, into tile.filtered. Rows past the end are read as
// the last one, and nobody reads what comes of them.
__device__ void filter_rows(Tile& tile, const Plane& plane, int base, int end,
                            const Params& params) {
  for (int item = threadIdx.x; item < COLUMNS * (CHUNK / RUN); item += blockDim.x) {
    const int column = item % COLUMNS;
    const int row = item / COLUMNS * RUN;
    if (base + row >= end) continue;
    const Taps taps = tile.columns[column];
    const unsigned char* samples[RUN];
    float sums[RUN] = {};
    for (int i = 0; i < RUN; ++i) {
      const int source = base + row + i < end ? base + row + i : end - 1;
      samples[i] = plane.data + static_cast<long long>(source) * plane.stride +
                   static_cast<long long>(taps.first) * plane.step;
    }
    for (int k = 0; k < taps.count; ++k) {
      const float w = weight(params, taps.offset + k * taps.pace);
      for (int i = 0; i < RUN; ++i) sums[i] += w * samples[i][k * plane.step];
    }
    for (int i = 0; i < RUN; ++i) tile.filtered[row + i][column] = sums[i] * taps.gain;
  }
}

// What source rows [base, end) add to the tile's pixels.
__device__ void add_rows(Tile& tile, float* sums, int base, int end, const Params& params) {
  for (int item = threadIdx.x; item < PIXELS; item += blockDim.x) {
    const int column = item % COLUMNS;
    const Taps taps = tile.rows[item / COLUMNS];
    const int low = taps.first > base ? taps.first : base;
    const int high = taps.first + taps.count < end ? taps.first + taps.count : end;
    float sum = 0;
    for (int row = low; row < high; ++row)
      sum += weight(params, taps.offset + (row - taps.first) * taps.pace) *
             tile.filtered[row - base][column];
    sums[item] += sum * taps.gain;
  }
}

__device__ void resize_plane(Tile& tile, int plane, int left, int top, const FrameParams& frame,
                             const Params& params) {
  aim(tile.columns, COLUMNS, left, 0, plane, frame, params);
  aim(tile.rows, ROWS, top, 1, plane, frame, params);
  for (int item = threadIdx.x; item < PIXELS; item += blockDim.x) tile.sums[plane][item] = 0;
  __syncthreads();
  const int below = frame.origin[1] + frame.size[1];
  const int first = (top > frame.origin[1] ? top : frame.origin[1]) - top;
  const int last = (top + ROWS < below ? top + ROWS : below) - top - 1;
  if (first > last) return;
  const int stop = tile.rows[last].first + tile.rows[last].count;
  for (int base = tile.rows[first].first; base < stop; base += CHUNK) {
    const int end = base + CHUNK < stop ? base + CHUNK : stop;
    filter_rows(tile, frame.planes[plane], base, end, params);
    __syncthreads();
    add_rows(tile, tile.sums[plane], base, end, params);
    __syncthreads();
  }
}

__device__ float clip(float pixel) { return pixel < 0 ? 0 : pixel > 255 ? 255 : pixel; }

__device__ void store(float value, float* out) { *out = value; }

__device__ void store(float value, unsigned char* out) {
  *out = static_cast<unsigned char>(rintf(value));
}

#ifdef __CUDACC__
// Without cuda_fp16.h, which NVRTC would have to be given.
__device__ void store(float value, unsigned short* out) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(*out) : "f"(value));
}
#else
void store(float value, unsigned short* out) { *out = half_bits(value); }
#endif

template <typename Element>
__device__ void store_pixel(const Tile& tile, int item, const FrameParams& frame,
                            const Params& params, Element* out) {
  const bool padding =
      tile.columns[item % COLUMNS].count == 0 || tile.rows[item / COLUMNS].count == 0;
  for (int channel = 0; channel < 3; ++channel) {
    const float* matrix = frame.matrix[channel];
    const float pixel = clip(matrix[0] * tile.sums[0][item] + matrix[1] * tile.sums[1][item] +
                             matrix[2] * tile.sums[2][item] + frame.offset[channel]);
    const float value = (padding ? params.pad : pixel) * params.gain[channel];
    const long long at = static_cast<long long>(channel) * params.channel_stride;
    store(value - params.shift[channel], out + at);
  }
}

template <typename Element>
__device__ void preprocess(Tile& tile, const FrameParams* frames, const Params& params,
                           Element* out) {
  const FrameParams& frame = frames[blockIdx.z];
  const int left = blockIdx.x * COLUMNS;
  const int top = blockIdx.y * ROWS;
  for (int plane = 0; plane < 3; ++plane) resize_plane(tile, plane, left, top, frame, params);
  const long long area = static_cast<long long>(params.width) * params.height;
  for (int item = threadIdx.x; item < PIXELS; item += blockDim.x) {
    const int x = left + item % COLUMNS;
    const int y = top + item / COLUMNS;
    if (x >= params.width || y >= params.height) continue;
    const long long pixel = static_cast<long long>(y) * params.width + x;
    const long long at = blockIdx.z * area * 3 + pixel * params.pixel_stride;
    store_pixel(tile, item, frame, params, out + at);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(THREADS)
    preprocess_f32(const FrameParams* frames, const Params params, float* out) {
  __shared__ Tile tile;
  preprocess(tile, frames, params, out);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    preprocess_f16(const FrameParams* frames, const Params params, unsigned short* out) {
  __shared__ Tile tile;
  preprocess(tile, frames, params, out);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    preprocess_u8(const FrameParams* frames, const Params params, unsigned char* out) {
  __shared__ Tile tile;
  preprocess(tile, frames, params, out);
}
