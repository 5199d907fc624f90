/** Reads QR codes from the camera, by a decoder that comes from our own origin and asks nobody. */
import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill'

export type CameraTrouble = 'cameraRefused' | 'cameraAbsent' | 'cameraBroken'

export interface Scanner {
  stop(): void
}
interface Scanned {
  /** Each text that was read; true ends the scanning. */
  read(text: string): boolean
  started(): void
  failed(why: CameraTrouble): void
}

const lookEveryMs = 120

/** Looks through the camera until something is taken or `stop` is called; the camera is let go either way. */
export function scan(video: HTMLVideoElement, { read, started, failed }: Scanned): Scanner {
  let stopped = false
  let stream: MediaStream | undefined
  const stop = () => {
    stopped = true
    for (const track of stream?.getTracks() ?? []) track.stop()
    video.srcObject = null
  }

  async function look(): Promise<void> {
    prepareZXingModule({
      overrides: { locateFile: (file: string) => `/static/${file}` },
    })
    const detector = new BarcodeDetector({ formats: ['qr_code'] })
    stream = await camera()
    if (stopped) return stop()
    video.srcObject = stream
    await video.play()
    started()
    while (!stopped) {
      const found = await detector.detect(video)
      if (!stopped && found.some(({ rawValue }) => read(rawValue))) return stop()
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
  }
  look().catch((error: unknown) => {
    if (stopped) return
    stop()
    failed(troubleOf(error))
  })
  return { stop }
}

/** The one at the back where there are two. */
function camera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('no camera', 'NotFoundError')
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    audio: false,
  })
}

function troubleOf(error: unknown): CameraTrouble {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'cameraRefused'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'cameraAbsent' : 'cameraBroken'
}
