namespace Nixery.Packing;

/// <summary>A store object has what cannot be in an image: a name that is no UTF-8, a pipe, a device.</summary>
/// <param name="message">For the client: names the place below the store, nothing else of this machine.</param>
internal sealed class UnpackableException(string message) : Exception(message);
