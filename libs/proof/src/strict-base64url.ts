/** Whether the text is the one and only base64url spelling of its bytes; otherwise a changed last letter would go unseen. */
export const strictBase64url = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text;
