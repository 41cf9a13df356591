/** A file in a message, as Telegram describes it. */
export interface IncomingFile {
  /** What `getFile` takes. */
  readonly fileId: string;
  /** As the person's app calls it, else after what it is. */
  readonly name: string;
  readonly mime?: string | undefined;
  /** Bytes, where Telegram says so. */
  readonly bytes?: number | undefined;
  /** A voice message. */
  readonly spoken: boolean;
}

/** The fields of the files that messages carry. */
interface WireFile {
  readonly file_id: string;
  readonly file_size?: number;
  readonly file_name?: string;
  readonly mime_type?: string;
  readonly width?: number;
  readonly height?: number;
}

/** The fields of messages with files; at most one of them is there, but that an animation is a document, too. */
export interface WireFiles {
  readonly photo?: readonly WireFile[];
  readonly voice?: WireFile;
  readonly audio?: WireFile;
  readonly video?: WireFile;
  readonly video_note?: WireFile;
  readonly animation?: WireFile;
  readonly document?: WireFile;
}

// What Telegram's own apps send; of others the type says how they end.
const NAMES = {
  voice: 'voice.oga',
  audio: 'audio.mp3',
  video: 'video.mp4',
  video_note: 'video.mp4',
  animation: 'animation.mp4',
  document: 'file',
} as const;

/** The file in a message, a photo in its largest size; null for a message without one. */
export function fileIn(message: WireFiles): IncomingFile | null {
  if (message.photo) return photoOf(message.photo);
  for (const kind of ['voice', 'audio', 'video', 'video_note', 'animation', 'document'] as const) {
    const file = message[kind];
    if (!file) continue;
    const { file_id: fileId, file_size: bytes, file_name, mime_type: mime } = file;
    return { fileId, name: file_name || NAMES[kind], mime, bytes, spoken: kind === 'voice' };
  }
  return null;
}

function photoOf(sizes: readonly WireFile[]): IncomingFile | null {
  const [largest] = [...sizes].sort((a, b) => areaOf(b) - areaOf(a));
  if (!largest) return null;
  const { file_id: fileId, file_size: bytes } = largest;
  return { fileId, name: 'photo.jpg', mime: 'image/jpeg', bytes, spoken: false };
}

function areaOf({ width = 0, height = 0 }: WireFile): number {
  return width * height;
}
