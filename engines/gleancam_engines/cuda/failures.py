"""What the driver's error codes mean for a person (`CUresult` in cuda.h)."""

from __future__ import annotations

_PERMISSION = (
    "add the user to the groups that own /dev/nvidia* or, on a Jetson, /dev/nvmap "
    "('usermod -aG video,render gleancam'), and in a container pass the device in"
)
_REBOOT = "reboot, so that the kernel's module is that of the installed driver"

_CURES = {
    2: ("CUDA_ERROR_OUT_OF_MEMORY", "stop what else uses the device"),
    34: (
        "CUDA_ERROR_STUB_LIBRARY",
        (
            "a stub of the CUDA toolkit was found in place of the driver: take its folder out of "
            "LD_LIBRARY_PATH"
        ),
    ),
    46: (
        "CUDA_ERROR_DEVICE_UNAVAILABLE",
        (
            "another process holds the device for itself: stop it, or reset the compute mode with "
            "'nvidia-smi -c 0'"
        ),
    ),
    100: (
        "CUDA_ERROR_NO_DEVICE",
        f"no GPU is visible: look at CUDA_VISIBLE_DEVICES and 'nvidia-smi'; {_PERMISSION}",
    ),
    101: ("CUDA_ERROR_INVALID_DEVICE", "look at CUDA_VISIBLE_DEVICES"),
    802: (
        "CUDA_ERROR_SYSTEM_NOT_READY",
        "a service of the driver is not up yet (nvidia-fabricmanager): start it, and try again",
    ),
    803: ("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", _REBOOT),
    804: (
        "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
        "take the CUDA compatibility package out of LD_LIBRARY_PATH, or install a newer driver",
    ),
    999: ("CUDA_ERROR_UNKNOWN", f"{_PERMISSION}; if that is so already, {_REBOOT}"),
}


def driver_cure(code: int) -> str:
    """Return number, name and cure of an error code of the driver."""
    name, cure = _CURES.get(code, ("see CUresult in cuda.h", _REBOOT))
    return f"{code} ({name}); {cure}"
