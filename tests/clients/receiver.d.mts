export interface Message {
  headers: Record<string, string>;
  body: string;
}
export function receiver(): Promise<{ url: string; next(): Promise<Message> }>;
export function checked(message: Message, key: string): any;
