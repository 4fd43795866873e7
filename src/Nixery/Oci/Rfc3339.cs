using System.Globalization;

namespace Nixery.Oci;

/// <summary>Dates as configs and labels have them: whole seconds, UTC.</summary>
public static class Rfc3339
{
    public static string Write(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
